"""The MT5 venue behind the desk's protocol."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from apps.brokers.adapters.base import (
    Capabilities,
    Resolve,
    SessionListener,
    SessionSettings,
    VenueAccount,
    VenueOrder,
    VenuePosition,
    WorkingOrder,
)
from apps.brokers.adapters.mt5 import parse
from apps.brokers.adapters.mt5.numbers import server_wall, to_server
from apps.brokers.adapters.mt5.session import Mt5Session, Record, read
from apps.brokers.adapters.mt5.trading import Trader, filled_by, once
from apps.brokers.errors import Unsupported, VenueUnavailable
from apps.marketdata.domain.bar import COLUMNS, BarWindow, Timeframe
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.report import CashMovement, ExecutionReport, ReportedFill

AHEAD = timedelta(days=2)  # what is asked "until now" must not miss the last second


def real_time() -> datetime:
    return datetime.now(UTC)


class Mt5Adapter:
    """One session with one account. All instants are on the desk clock that `now` tells."""

    def __init__(
        self,
        settings: SessionSettings,
        *,
        resolve: Resolve,
        listener: SessionListener,
        now: Callable[[], datetime] = real_time,
        speed: Callable[[], float] = lambda: 1.0,
    ) -> None:
        self._session = Mt5Session(settings, resolve=resolve, listener=listener, now=now, speed=speed)
        self._trader = Trader(self._session)
        self._now = now

    @property
    def capabilities(self) -> Capabilities:
        return self._session.facts.capabilities

    @property
    def connected(self) -> bool:
        return self._session.link.connected

    @property
    def tradable(self) -> Sequence[str]:
        return tuple(self._session.facts.specs) if self._session.is_prepared else ()

    async def start(self) -> None:
        """Return once the first try to connect has ended; a venue that is away is tried on and on."""
        await self._session.link.start()

    async def close(self) -> None:
        await self._session.link.close()

    async def account(self) -> VenueAccount:
        record = await self._session.check_health()
        return read("account", lambda: parse.account(record))

    async def instruments(self) -> Sequence[tuple[str, InstrumentSpec]]:
        return [(found.symbol, found.spec) for found in self._session.facts.offered if found.spec is not None]

    async def venue_time(self) -> datetime:
        """Return the server's time, or that of its newest tick where it tells no time."""
        terminal = await self._session.ask("terminal")
        server = self._session.facts.names.server
        if terminal.get("server_time"):
            return read("terminal", lambda: server.to_utc(server_wall(terminal["server_time"])))
        quotes = [found for name in self.tradable if (found := await self.quote(name)) is not None]
        if not quotes:
            raise VenueUnavailable("no tick tells the venue's time")
        return max(found.quote_at for found in quotes)

    async def quote(self, instrument: str) -> Quote | None:
        """Return the venue's latest tick; None where one of its sides has no sound price."""
        spec = self._session.spec(instrument)
        record = await self._session.ask("tick", symbol=self._session.facts.symbol_of[instrument])
        return read("tick", lambda: parse.quote(record, spec, self._session.facts.names.server))

    async def bars(
        self, instrument: str, timeframe: Timeframe, *, first: datetime, last: datetime
    ) -> BarWindow:
        """Return the bars that open in [first, last]; a bar that has not closed yet is left out."""
        session, spec = self._session, self._session.spec(instrument)
        server = session.facts.names.server
        closed_by = self._now() - timedelta(seconds=session.settings.bar_grace_s)
        records = await session.ask(
            "bars",
            timeout_s=session.settings.bars_timeout_s,
            symbol=session.facts.symbol_of[instrument],
            timeframe=timeframe.minutes,
            date_from=to_server(first, server),
            date_to=to_server(last, server),
        )
        window, unsound = read("bars", lambda: parse.bars(records or [], spec, timeframe, server))
        if unsound:
            session.complain(f"{unsound} unsound bars of {instrument}")
        return closed(window, closed_by)

    async def positions(self) -> Sequence[VenuePosition]:
        records = await self._session.ask_list("positions")
        names = self._session.facts.names
        return read("positions", lambda: [parse.position(record, names) for record in records])

    async def working_orders(self) -> Sequence[WorkingOrder]:
        return self._orders(await self._session.ask_list("orders"))

    async def fills_since(self, since: datetime) -> Sequence[ReportedFill]:
        names = self._session.facts.names
        records = await self._deals_since(since)
        return read("deals", lambda: once([parse.fill(r, names) for r in records if parse.is_trade(r)]))

    async def cash_since(self, since: datetime) -> Sequence[CashMovement]:
        names = self._session.facts.names
        records = await self._deals_since(since)
        moved = read("deals", lambda: [parse.cash(r, names) for r in records if not parse.is_trade(r)])
        return list({movement.movement_id: movement for movement in moved}.values())

    async def submit(self, order: VenueOrder) -> ExecutionReport:
        return await self._trader.submit(order)

    async def amend(self, order: VenueOrder, venue_order_id: str, *, changes: Collection[str]) -> None:
        await self._trader.amend(order, venue_order_id, changes=changes)

    async def cancel(self, venue_order_id: str) -> None:
        await self._trader.cancel(venue_order_id)

    async def find(self, order: VenueOrder, *, since: datetime) -> ExecutionReport | None:
        """Ask by our number in working orders, past orders and deals. `since` is desk time."""
        working = [row for row in await self.working_orders() if row.number == order.number]
        past, fills = await self._past(order, since)
        found = [*working, *past]
        if not found and not fills:
            await self._session.check_health()
            return None
        venue_order_id = found[0].venue_order_id if found else fills[0].venue_order_id
        return ExecutionReport(
            client_order_id=order.client_order_id,
            status=standing(order.quantity, working, past, filled_by(fills)),
            venue_order_id=venue_order_id,
            fills=tuple(fills),
            reported_at=self._now(),
            terms=working[0].terms if working else None,
        )

    async def _past(
        self, order: VenueOrder, since: datetime
    ) -> tuple[list[WorkingOrder], list[ReportedFill]]:
        names = self._session.facts.names
        past: list[WorkingOrder] = []
        if self.capabilities.history_by_date:
            past = [
                row
                for row in self._orders(await self._history("past_orders", since))
                if row.number == order.number
            ]
            deals = await self._history("deals", since)
        else:
            deals = []
            for position in await self._session.ask_list("positions"):
                deals += await self._session.ask_list("deals", position=position["ticket"])
        fills = read("deals", lambda: [parse.fill(r, names) for r in deals if parse.is_trade(r)])
        return past, once([fill for fill in fills if fill.client_number == order.number])

    async def _deals_since(self, since: datetime) -> list[Record]:
        if not self.capabilities.history_by_date:
            raise Unsupported("this server does not answer history by date")
        return await self._history("deals", since)

    async def _history(self, operation: str, since: datetime) -> list[Record]:
        server = self._session.facts.names.server
        dates = {"from_date": to_server(since, server), "to_date": to_server(self._now() + AHEAD, server)}
        # The first pass of a gateway reads everything since the account was opened: that may take a while.
        patience_s = self._session.settings.bars_timeout_s
        return await self._session.ask_list(operation, timeout_s=patience_s, **dates)

    def _orders(self, records: Sequence[Record]) -> list[WorkingOrder]:
        names = self._session.facts.names
        rows = read("orders", lambda: [parse.order(record, names) for record in records])
        return list({row.venue_order_id: row for row in rows}.values())


def standing(
    quantity: Decimal, working: Sequence[WorkingOrder], past: Sequence[WorkingOrder], filled: Decimal
) -> OrderStatus:
    """Say where an order stands by all that was found of it; deals are asked last, so they know most."""
    if filled >= quantity:
        return OrderStatus.FILLED
    if past and past[0].status is not OrderStatus.FILLED:
        return past[0].status
    if past or filled:
        # The venue calls it done or shows deals, and not all of its deals were in the answer: ask again.
        return OrderStatus.PARTIALLY_FILLED if filled else OrderStatus.ACCEPTED
    return working[0].status if working else OrderStatus.ACCEPTED


def closed(window: BarWindow, at: datetime) -> BarWindow:
    """Leave out bars that were still open at an instant."""
    newest_open = np.datetime64((at - window.timeframe.length).astimezone(UTC).replace(tzinfo=None), "us")
    count = int(np.searchsorted(window.open_at, newest_open, side="right"))
    arrays = {name: getattr(window, name)[:count] for name in ("open_at", *COLUMNS)}
    return BarWindow(instrument=window.instrument, timeframe=window.timeframe, **arrays)
