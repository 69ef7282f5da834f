"""What every venue adapter offers. No inheritance: a venue is a class with these methods."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from apps.brokers.domain.health import Pulse
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from apps.portfolio.domain.report import CashMovement, ExecutionReport, ReportedFill
from apps.portfolio.domain.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What the probe at connect found. `quiet_period_s` is wall time after which "not found" may count.

    `amend` names the terms of a resting order that the venue can change, the order staying the one it is.
    """

    client_tag: bool
    stop_on_entry: bool
    partial_close: bool
    history_by_date: bool
    hedging: bool
    price_bound: bool
    quiet_period_s: int
    market_label: str  # "synthetic", "replay" or "" where the prices are a real venue's
    amend: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueOrder:
    """An order as it is sent. `quantity` in lots, `number` is the hash that comes back on deals."""

    client_order_id: str
    number: int
    instrument: str
    symbol: str
    side: Side
    quantity: Decimal
    order_type: OrderType
    price: Decimal | None
    stop_loss: Decimal | None
    take_profit: Decimal | None
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueAccount:
    login: str
    currency: str
    balance: Decimal
    equity: Decimal
    margin: Decimal
    hedging: bool
    trade_allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VenuePosition:
    """An open position at the venue; `quantity` is signed lots."""

    ticket: str
    instrument: str
    quantity: Decimal
    price: Decimal
    swap: Decimal
    profit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingOrder:
    """An order that rests at the venue; `terms` are as the venue shows them."""

    venue_order_id: str
    number: int
    instrument: str
    side: Side
    quantity: Decimal
    filled: Decimal
    status: OrderStatus
    terms: Terms | None = None


class BrokerAdapter(Protocol):
    """One session with one account at one venue. Calls raise the errors of apps.brokers.errors."""

    @property
    def capabilities(self) -> Capabilities: ...
    @property
    def connected(self) -> bool: ...
    @property
    def tradable(self) -> Sequence[str]:
        """The instruments that were mapped to a symbol at the last connect."""
        ...

    async def start(self) -> None: ...
    async def close(self) -> None: ...
    async def account(self) -> VenueAccount: ...
    async def instruments(self) -> Sequence[tuple[str, InstrumentSpec]]:
        """Return (venue symbol, spec) of everything the venue offers."""
        ...

    async def venue_time(self) -> datetime: ...
    async def quote(self, instrument: str) -> Quote | None: ...
    async def bars(
        self, instrument: str, timeframe: Timeframe, *, first: datetime, last: datetime
    ) -> BarWindow: ...
    async def positions(self) -> Sequence[VenuePosition]: ...
    async def working_orders(self) -> Sequence[WorkingOrder]: ...
    async def fills_since(self, since: datetime) -> Sequence[ReportedFill]: ...
    async def cash_since(self, since: datetime) -> Sequence[CashMovement]: ...
    async def submit(self, order: VenueOrder) -> ExecutionReport:
        """Send once. NotSent, VenueRejected, else OutcomeUnknown."""
        ...

    async def amend(self, order: VenueOrder, venue_order_id: str, *, changes: Collection[str]) -> None:
        """Change a resting order to these terms, once. Raise Unsupported (not sent), and like `submit`."""
        ...

    async def cancel(self, venue_order_id: str) -> None: ...
    async def find(self, order: VenueOrder, *, since: datetime) -> ExecutionReport | None:
        """Ask by our number in open orders, positions, history. None is "not found", not "absent"."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolRecord:
    """What a venue lists: a symbol with its spec, or the reason why the spec cannot be known."""

    symbol: str
    currency_base: str
    currency_profit: str
    spec: InstrumentSpec | None
    complaint: str = ""


Resolve = Callable[[Sequence[SymbolRecord]], Awaitable[Mapping[str, str]]]
"""Decide at connect which symbols are used: {instrument: symbol}."""


async def _ignore(*_: object) -> None:
    """Stand in for a listener that is not interested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionListener:
    """Told from the session's own task: be quick, and do not call the session from `on_lost`.

    `on_connected` runs after every (re)connect, when calls are taken again; `on_pulse` with each heartbeat.
    """

    on_connected: Callable[[], Awaitable[None]] = _ignore
    on_lost: Callable[[str], Awaitable[None]] = _ignore
    on_pulse: Callable[[Pulse], Awaitable[None]] = _ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """Where the venue is and how patient we are. All durations are seconds of wall time."""

    url: str
    profile: str
    login: int = 0
    password: str = field(default="", repr=False)
    server: str = ""
    server_zone: str = ""  # "NY+7", "UTC+2", a zone name; empty: as the terminal says, else from a live tick
    question_timeout_s: float = 5.0
    order_timeout_s: float = 10.0
    bars_timeout_s: float = 20.0
    heartbeat_s: float = 3.0
    deviation_points: int = 20
    bar_grace_s: float = 0.0  # of desk time: how long after its close a bar may still change at this venue


class FeedSink(Protocol):
    """Where a feed puts what it fetched. False means "full": the feed keeps its data and tries again."""

    async def quotes(self, quotes: Sequence[Quote]) -> bool: ...
    async def bars(self, windows: Sequence[BarWindow], *, origin: str) -> bool: ...
    async def missing(self, instrument: str, timeframe: Timeframe) -> Sequence[tuple[datetime, datetime]]:
        """Return ranges [first, last) of bar opens that the store lacks, newest first or in any order."""
        ...

    async def absent(self, instrument: str, timeframe: Timeframe, *, first: datetime, last: datetime) -> None:
        """Remember that the venue was asked for bars that open in [first, last) and has none."""
        ...

    async def fault(self, *, instrument: str, kind: str, detail: str) -> None: ...


class MarketFeed(Protocol):
    """The loops of one quotes session: polls quotes, fetches closed bars, fills gaps."""

    async def run(self) -> None:
        """Run until cancelled; a lost session is waited for."""
        ...
