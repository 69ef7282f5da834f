"""Everything a check may look at: one account's book and its surroundings, with what follows from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.portfolio.domain.book import Book, OpenOrder
from apps.portfolio.domain.hedging import Hedged, hedged
from apps.portfolio.domain.order import OrderRequest
from apps.portfolio.domain.rates import convert
from apps.portfolio.domain.tariffs import LATEST
from apps.portfolio.domain.use import uses
from apps.portfolio.errors import NoMark
from apps.risk.domain.breaker import Bases, BreakerLevel
from apps.risk.domain.checks.missing import Missing
from apps.risk.domain.intent import Intent, Terms, candidate, reserve
from apps.risk.domain.limits import Limit, Metric, MissingLimit, RiskLimits, tightest_of
from apps.risk.domain.market import Market
from apps.risk.domain.metrics import Covariance
from apps.risk.domain.overrides import Overridable, applying
from apps.risk.domain.packs import Margined, Pack, pack_of
from apps.risk.domain.surroundings import Override, SnapshotFigures, Surroundings

NOTHING = Decimal(0)
SNAPSHOT_LASTS = timedelta(seconds=5)
T = TypeVar("T")


class At(StrEnum):
    """Whose room an entry check judges: an agent's close may yet add to the account's position."""

    ACCOUNT = "account"
    SOURCE = "source"
    DESK = "desk"

    __hash__ = str.__hash__  # that of enums is written in Python, and every check looks its scope up


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything a check may know. `levels` are those of the scopes that the order touches.

    `now` is desk time, `wall_now` wall time: without it no snapshot is recent and no override counts.
    `venue_equity` is the account's equity as the venue last told it, in its currency. `covariance_fault` says
    why there is no covariance. `asked` is the quantity before sizing, None where that is the request's;
    overrides and duplicates are known by it. `bases` are what the account's losses were last counted from,
    `flows` all money moved in or out of it by now. What several checks need is worked out once and kept.
    """

    book: Book
    intent: Intent
    spec: InstrumentSpec
    specs: Mapping[str, InstrumentSpec]
    market: Market
    limits: RiskLimits
    levels: Mapping[At, BreakerLevel]
    now: datetime
    is_open: bool
    scopes: Mapping[At, str]
    minutes_to_close: float | None = None
    around: Surroundings = field(default_factory=Surroundings)
    covariance: Covariance | None = None
    covariance_fault: str = ""
    wall_now: datetime | None = None
    venue_equity: Decimal | None = None
    tariff: str = LATEST
    asked: Decimal | None = None
    bases: Bases | None = None
    flows: Decimal | None = None
    # Not copied by `replace`: a changed context works everything out anew.
    _kept: dict[tuple[str, int], tuple[object, Any, Exception | None]] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )

    def once(self, what: str, of: object, make: Callable[[], T]) -> T:
        """Return what `make` returns or raises, made once for each object."""
        key = (what, id(of))
        held = self._kept.get(key)
        if held is None:
            try:
                held = (of, make(), None)
            except Exception as error:  # noqa: BLE001 (raised again, here and at every later call)
                held = (of, None, error)
            self._kept[key] = held  # holds `of` too, so that its id stays its own
        if held[2] is not None:
            raise held[2].with_traceback(None)
        kept: T = held[1]
        return kept

    def quote(self, instrument: str) -> Quote:
        """Return a good quote or raise NoMark."""
        found = self.market.good.get(instrument)
        if found is None:
            raise NoMark(instrument)
        return found

    def at(self, at: At, request: OrderRequest) -> Book:
        """Return the scope's part of this account's book."""
        if at is not At.SOURCE:
            return self.book
        return self.once(f"part {request.source}", None, lambda: self.book.part_of(request.source))

    def currency(self, at: At) -> str:
        """Name the money that the scope's limits are in."""
        return self.book.account.currency if at is At.ACCOUNT else self.around.base_currency

    def owed(self, amount: Decimal, at: At) -> Decimal:
        """Return account money of an exposure in the scope's currency: never too small."""
        return self._owed(amount, self.book.account.currency, self.currency(at))

    def owed_of_base(self, amount: Decimal, at: At) -> Decimal:
        """Return base currency of an exposure in the scope's currency: never too small."""
        return self._owed(amount, self.around.base_currency, self.currency(at))

    def _owed(self, amount: Decimal, source: str, target: str) -> Decimal:
        if source == target:
            return amount
        worth = -convert(-abs(amount), source=source, target=target, quotes=self.market.good)
        return worth.copy_sign(amount)

    def equity(self) -> Decimal:
        """Return the account's equity at closing prices."""
        return self.once("equity", None, lambda: self.book.equity(self.market.good, self.specs))

    def day_start(self) -> Decimal:
        """Return the account's equity at the day roll, moved with money that came or went since it was told.

        That of now for an account that was never valued.
        """
        start, bases = self.around.day_start, self.bases
        if start is None:
            return self.equity()
        if bases is None or self.flows is None or bases.flows == self.flows or bases.day_start != start:
            return start  # nothing moved, or it was valued again since the bases were read
        return bases.moved(flows=self.flows, equity=self.equity()).day_start

    def snapshot(self, at: At) -> SnapshotFigures | None:
        """Return what the newest snapshot says of a scope, if any. Raise Missing for an old one."""
        scope = self.scopes[at]
        found = self.around.snapshots.get(scope) or self.around.snapshots.get(scope.removeprefix("source:"))
        if found is None:
            return None
        if not self._is_recent(found):
            seconds = SNAPSHOT_LASTS.total_seconds()
            raise Missing("stale_snapshot", f"the snapshot of {scope} is not of the last {seconds:.0f} s")
        return found

    def scope_equity(self, at: At) -> Decimal:
        """Return the equity that a scope's limits are multiples of, in its currency.

        That of the desk for desk and source; where no recent snapshot tells it this account's, which is less.
        """
        if at is At.ACCOUNT:
            return self.equity()
        known = self.around.snapshots.get("desk")
        if known is not None and known.equity is not None and self._is_recent(known):
            return known.equity
        return convert(
            self.equity(),
            source=self.book.account.currency,
            target=self.around.base_currency,
            quotes=self.market.good,
        )

    def _is_recent(self, snapshot: SnapshotFigures) -> bool:
        """Tell whether a snapshot is of these seconds; one of the future says that a clock was stepped."""
        return self.wall_now is not None and abs(self.wall_now - snapshot.measured_at) <= SNAPSHOT_LASTS

    @property
    def pack(self) -> Pack:
        """The rules of the account's regulator. Raise NoPack."""
        return pack_of(self.book.account.pack)

    @property
    def margined(self) -> Mapping[str, InstrumentSpec]:
        """Specs at the margin rates that count for this account. Looking one up may raise NoClass."""
        if not self.pack.is_retail:
            return self.specs
        return self.once("margined", None, lambda: Margined(self.specs, self.pack, self.around.classes))

    def rows(self, metric: Metric, request: OrderRequest) -> tuple[Limit, ...]:
        """Return every row of desk, account and source that says how an order is judged."""
        return tuple(
            row
            for scope in self.scopes.values()
            for row in self.limits.applying(scope, metric, instrument=request.instrument)
        )

    def parameter(self, metric: Metric, request: OrderRequest) -> Decimal:
        """Return the tightest value of desk, account and source. Raise MissingLimit where no row applies."""
        rows = self.rows(metric, request)
        if not rows:
            raise MissingLimit(self.scopes[At.ACCOUNT], metric)
        return (max if metric.is_floor else min)(row.hard for row in rows)

    def collar(self, request: OrderRequest) -> Decimal:
        """Return how far a price may lie from mid, as a share: wider where two people said so."""
        row = self.parameter(Metric.COLLAR, request)
        override = self.override(request, Overridable.COLLAR)
        return row if override is None or override.wider is None else max(row, override.wider)

    def override(self, request: OrderRequest, check: Overridable) -> Override | None:
        """Return what two people let this order past the check by, as it was asked for."""
        if not self.around.overrides:
            return None
        return applying(self.around.overrides, self.as_asked(request), check, wall_now=self.wall_now)

    def as_asked(self, request: OrderRequest) -> OrderRequest:
        """Return the request at the quantity that was asked for, whatever sizing left of it."""
        return request if self.asked is None else replace(request, quantity=self.asked)

    def tightest(self, at: At, metric: Metric, request: OrderRequest) -> tuple[tuple[Limit, Decimal], ...]:
        """Return the limits to judge by with their figures. Raise MissingLimit when there is none.

        The tightest of the whole scope, of the instrument and of each currency that the order moves.
        """
        rows = self.limits.of(
            self.scopes[at], metric, instrument=request.instrument, currencies=self.currencies
        )
        equity = self.scope_equity(at) if any(row.of_equity for row in rows) else Decimal(1)
        return tuple((limit, limit.ceiling(equity)) for limit in tightest_of(rows, equity=equity))

    @property
    def currencies(self) -> tuple[str, ...]:
        """Return which currencies the order moves."""
        return (self.spec.base_currency, self.spec.quote_currency)

    def terms(self, request: OrderRequest) -> Terms:
        """Return the reserved prices, with the collar counted as often as the venue may gap."""
        return self.once("terms", request, lambda: self._terms(request))

    def _terms(self, request: OrderRequest) -> Terms:
        collar = self.collar(request) * self.parameter(Metric.GAP_FACTOR, request)
        return reserve(request, self.quote(request.instrument), collar=collar)

    def candidate(self, request: OrderRequest) -> OpenOrder:
        """Return the order as an open entry, with its margin in the account's currency. Raise NoClass."""
        return self.once("candidate", request, lambda: self._candidate(request))

    def _candidate(self, request: OrderRequest) -> OpenOrder:
        bare = candidate(request, price=self.terms(request).worst, margin=NOTHING)
        value = abs(self.book.order_value(bare, self.market.good, self.specs))
        spec = self.margined.get(request.instrument, self.spec)
        return self._priced(request, margin=value * spec.margin_rate)

    def _priced(self, request: OrderRequest, *, margin: Decimal = NOTHING) -> OpenOrder:
        return candidate(request, price=self.terms(request).exposure, margin=margin)

    def order_value(self, request: OrderRequest) -> Decimal:
        """Return what the order is counted at, in the account's currency."""

        def value() -> Decimal:
            return abs(self.book.order_value(self._priced(request), self.market.good, self.specs))

        return self.once("value", request, value)

    def own_figures(self, at: At, request: OrderRequest) -> Mapping[str, Decimal]:
        """Return what this account takes of a scope's figures with the order, in the scope's currency."""
        currency = self.currency(at)
        key = (f"own {currency}" if at is At.SOURCE else currency, id(request))
        held = self._kept.get(key)  # asked for by most checks: no detour where it is known
        if held is not None and held[2] is None:
            kept: Mapping[str, Decimal] = held[1]
            return kept
        return self.once(key[0], request, lambda: self._figures(at, request, currency))

    def after(self, at: At, request: OrderRequest) -> Book:
        """Return the scope's part of this account's book with the order open."""
        book = self.at(at, request)
        return replace(book, open_orders=(*book.open_orders, self.candidate(request)))

    def _figures(self, at: At, request: OrderRequest, currency: str) -> Mapping[str, Decimal]:
        found = uses(self.after(at, request), self.market.good, self.margined, currency=currency)
        apart: Hedged = {} if at is At.SOURCE else self.hedged()
        for name, amount in apart.items():
            found[name] = found.get(name, NOTHING) + self.owed(amount, at)
        return found

    def hedged(self) -> Hedged:
        """Return what tickets that face each other add to the account's figures, in its currency."""
        if not self.book.account.hedging or not self.around.tickets:
            return {}
        lots = [(ticket.instrument, ticket.quantity) for ticket in self.around.tickets]
        return self.once("hedged", None, lambda: hedged(self.book, lots, self.market.good, self.margined))

    def amount(self, at: At, request: OrderRequest, name: str) -> Decimal:
        """Return a figure of the scope with the order open, all of its accounts together."""
        own = self.own_figures(at, request).get(name, NOTHING)
        if at is At.ACCOUNT:
            return own
        others = self.around.desk if at is At.DESK else self.around.elsewhere
        # Counters that are corrected while we read may for a moment tell of less than nothing.
        return own + max(NOTHING, others.get(name, NOTHING))
