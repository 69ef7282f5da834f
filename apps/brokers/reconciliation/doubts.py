"""Leaving UNKNOWN: the venue is asked by our number until it answers. "Not found" alone proves nothing."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.brokers import dispatch
from apps.brokers.connections import BrokerAdapter
from apps.brokers.errors import VenueUnavailable
from apps.brokers.reconciliation.reading import read
from apps.portfolio import books, ledger
from apps.portfolio.books import OrderView
from apps.portfolio.domain.order import OrderStatus
from apps.risk import alerts

logger = logging.getLogger(__name__)
ASK_AFTER_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
THEN_EVERY_S = 30.0
SHORTEST_QUIET_S = 60
EMPTY_ROUNDS = 3


@dataclass(slots=True, kw_only=True)
class Doubt:
    """One order in doubt. `quiet_from` (monotonic): since then nobody sends it, and the session has held."""

    quiet_from: float
    asked: int = 0
    empty_rounds: int = 0
    paged: bool = False

    def next_at(self, quiet_s: float) -> float:
        """Return when to ask again; the end of the quiet period is a moment to ask as well."""
        at = self.quiet_from + _after_s(self.asked)
        ends_at = self.quiet_from + quiet_s
        asked_last = self.quiet_from + (_after_s(self.asked - 1) if self.asked else 0.0)
        return ends_at if asked_last < ends_at < at else at

    def start_again(self, now: float) -> None:
        """Count from now: the session did not hold, so what was not found before says nothing."""
        self.quiet_from, self.asked, self.empty_rounds = now, 0, 0


def _after_s(asked: int) -> float:
    if asked < len(ASK_AFTER_S):
        return ASK_AFTER_S[asked]
    return ASK_AFTER_S[-1] + THEN_EVERY_S * (asked - len(ASK_AFTER_S) + 1)


@dataclass(slots=True, kw_only=True)
class Doubts:
    """The orders in doubt of one connection, with when each is to be asked about."""

    account: str
    known: dict[str, Doubt] = field(default_factory=dict)

    async def ask_due(
        self,
        session: BrokerAdapter,
        *,
        symbols: Mapping[str, str],
        connected_at: float,
        in_flight: frozenset[str],
    ) -> int:
        """Ask about every order that is due, and return how many orders are in doubt.

        `connected_at` (monotonic) is when the session last connected. Orders `in_flight` are still being
        sent by this very process: their own answer comes first.
        """
        unknown = await dispatch.off_loop(books.orders_in, {OrderStatus.UNKNOWN}, self.account)
        orders = {order.client_order_id: order for order in unknown if order.client_order_id not in in_flight}
        self.known = {name: doubt for name, doubt in self.known.items() if name in orders}
        quiet_s = max(SHORTEST_QUIET_S, session.capabilities.quiet_period_s)
        for name, order in orders.items():
            now = time.monotonic()
            doubt = self.known.setdefault(name, Doubt(quiet_from=now))
            if connected_at > doubt.quiet_from:
                doubt.start_again(connected_at)
            if now >= doubt.next_at(quiet_s):
                await self._ask(order, doubt, session, symbol=symbols.get(order.instrument, order.instrument))
        return len(unknown)

    async def _ask(self, order: OrderView, doubt: Doubt, session: BrokerAdapter, *, symbol: str) -> None:
        doubt.asked += 1
        try:
            report = await session.find(dispatch.as_sent(order, symbol), since=dispatch.asked_since(order))
        except VenueUnavailable:
            doubt.empty_rounds = 0
            raise
        if report is not None:
            logger.info("%s is found at the venue: %s", order.client_order_id, report.status)
            await dispatch.book(order.account, report)
            return
        doubt.empty_rounds += 1
        quiet_s = max(SHORTEST_QUIET_S, session.capabilities.quiet_period_s)
        if time.monotonic() - doubt.quiet_from >= quiet_s and doubt.empty_rounds >= EMPTY_ROUNDS:
            await self._conclude(order, doubt, session)

    async def _conclude(self, order: OrderView, doubt: Doubt, session: BrokerAdapter) -> None:
        """Declare the order absent where the venue can prove it; elsewhere a person decides."""
        can_prove = session.capabilities.client_tag and session.capabilities.history_by_date
        if can_prove and await _position_is_explained(order, session):
            detail = (
                f"{doubt.empty_rounds} empty rounds, quiet period over, position explained by known fills"
            )
            await dispatch.stored(ledger.mark_absent, order_id=order.client_order_id, detail=detail)
            logger.warning("%s is absent at the venue: %s", order.client_order_id, detail)
        elif not doubt.paged:
            await dispatch.off_loop(
                alerts.raise_alert,
                level="critical",
                rule="order_in_doubt",
                scope=f"account:{order.account}",
                text=f"order {order.client_order_id} is still not found: a person must decide",
                key=f"doubt:{order.client_order_id}",
            )
            doubt.paged = True


async def _position_is_explained(order: OrderView, session: BrokerAdapter) -> bool:
    reading = await read(session, since=dispatch.asked_since(order))
    ids = [fill.execution_id for fill in reading.fills]
    booked = await dispatch.off_loop(books.booked_executions, order.account, ids)
    ours = await dispatch.off_loop(books.position, order.account, order.instrument)
    unbooked = [f for f in reading.fills if f.instrument == order.instrument and f.execution_id not in booked]
    return not unbooked and reading.positions.get(order.instrument, 0) == ours
