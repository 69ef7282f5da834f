"""One pass: read the venue, book what the ledger lacks, name what booking does not explain."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from apps.brokers import dispatch
from apps.brokers.connections import BrokerAdapter
from apps.brokers.reconciliation import differences
from apps.brokers.reconciliation.changes import Changes
from apps.brokers.reconciliation.reading import Reading, clock_offset_s, overlap, read
from apps.portfolio import books, ledger
from apps.portfolio.books import OrderView
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.report import FillReason, ReportedFill

logger = logging.getLogger(__name__)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
IDLE = timedelta(seconds=5)
AT_VENUE = (
    OrderStatus.ACCEPTED,
    OrderStatus.PARTIALLY_FILLED,
    OrderStatus.CANCEL_PENDING,
    OrderStatus.REPLACE_PENDING,
)


@dataclass(slots=True, kw_only=True)
class Watch:
    """What one connection's passes remember: how far deals are read, and what did not agree last time."""

    account: str
    since: datetime = BEGINNING
    suspects: differences.Suspects = field(default_factory=differences.Suspects)
    changes: Changes = field(default_factory=Changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`booked` counts rows that the pass wrote; `findings` say what still differs, for people."""

    booked: int
    findings: tuple[str, ...]


async def reconcile(session: BrokerAdapter, watch: Watch, *, symbols: Mapping[str, str]) -> Outcome:
    """Bring the ledger to the venue's state. Raise VenueUnavailable where a question got no answer."""
    reading = await read(session, since=watch.since)
    booked = await _book_fills(session, watch, reading, symbols)
    booked += await _ask_about_vanished(session, watch, reading, symbols)
    quiet_s = session.capabilities.quiet_period_s
    await dispatch.off_loop(_keep_equity, watch.account, reading)
    booked += await watch.changes.settle(watch.account, reading.working, quiet_s=quiet_s)
    if reading.newest_at is not None:
        watch.since = max(watch.since, reading.newest_at - overlap())
    offset_s = await clock_offset_s(session)
    findings = await dispatch.off_loop(
        differences.act, account=watch.account, reading=reading, offset_s=offset_s, suspects=watch.suspects
    )
    if booked:
        logger.info("reconciliation of %s booked %d", watch.account, booked)
        await dispatch.judge(watch.account)
    return Outcome(booked=booked, findings=findings)


def _keep_equity(account: str, reading: Reading) -> None:
    kept = ledger.told_equity(
        account=account, equity=reading.equity, currency=reading.currency, at=reading.begun_at
    )
    if not kept:
        logger.info("the equity that the venue tells of %s, in %s, is not kept", account, reading.currency)


async def _book_fills(
    session: BrokerAdapter, watch: Watch, reading: Reading, symbols: Mapping[str, str]
) -> int:
    """Book executions the ledger lacks: through their order where it is ours, else as external."""
    news = await dispatch.off_loop(_unbooked, watch.account, reading.fills)
    foreign: list[ReportedFill] = []
    ours: dict[str, OrderView] = {}
    for fill in news:
        order = await dispatch.off_loop(_owner, watch.account, fill)
        if order is None:
            foreign.append(fill)
        elif order.status is not OrderStatus.SENDING:  # its sender is still waiting for the answer
            ours[order.client_order_id] = order
    booked = len(ours)
    for order in ours.values():
        await _adopt(session, order, symbols)
    if foreign or reading.cash:
        external = await dispatch.book_external(watch.account, foreign, reading.cash)
        booked += len(external.new_fills) + len(external.new_cash)
    return booked


def _unbooked(account: str, fills: Sequence[ReportedFill]) -> list[ReportedFill]:
    known = books.booked_executions(account, [fill.execution_id for fill in fills])
    return [fill for fill in fills if fill.execution_id not in known]


def _owner(account: str, fill: ReportedFill) -> OrderView | None:
    """Return our order behind an execution. A stop carries its position's number, but nobody sent it."""
    if fill.client_number == 0 or fill.reason is not FillReason.ORDER:
        return None
    return books.order_by_number(account, fill.client_number)


async def _ask_about_vanished(
    session: BrokerAdapter, watch: Watch, reading: Reading, symbols: Mapping[str, str]
) -> int:
    """Ask about orders that we believe to rest at the venue and that are not among those that do."""
    resting = await dispatch.off_loop(books.orders_in, AT_VENUE, watch.account)
    asked = 0
    for order in resting:
        if order.number not in reading.working and await _is_idle(order):
            asked += await _adopt(session, order, symbols)
    return asked


async def _is_idle(order: OrderView) -> bool:
    last_at = await dispatch.off_loop(books.last_event_at, order.client_order_id)
    return last_at is None or datetime.now(UTC) - last_at > IDLE


async def _adopt(session: BrokerAdapter, order: OrderView, symbols: Mapping[str, str]) -> int:
    """Book the venue's state of one order; 0 where the venue does not find it or nothing is new."""
    venue_order = dispatch.as_sent(order, symbols.get(order.instrument, order.instrument))
    report = await session.find(venue_order, since=dispatch.asked_since(order))
    if report is None or (report.status is order.status and not _adds_fills(order, report.fills)):
        return 0
    await dispatch.book(order.account, report)
    return 1


def _adds_fills(order: OrderView, fills: Sequence[ReportedFill]) -> bool:
    return sum((fill.quantity for fill in fills), Decimal(0)) > order.filled
