"""What the venue says happened becomes fills, positions, cash and states, each execution once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from apps.broadcast import bell
from apps.marketdata.domain.quote import Quote
from apps.portfolio import locks
from apps.portfolio.domain.holding import EXTERNAL
from apps.portfolio.domain.order import OrderStatus, OrderType, client_order_id, venue_number
from apps.portfolio.domain.report import CashMovement, ExecutionReport, FillReason, ReportedFill
from apps.portfolio.domain.settlement import next_status
from apps.portfolio.domain.terms import Terms
from apps.portfolio.errors import UnknownAccount
from apps.portfolio.ledger.accounts import block_entries_noted
from apps.portfolio.ledger.amended import OLD, keep_room, open_lots
from apps.portfolio.ledger.amending import answer_noted
from apps.portfolio.ledger.fills import add_totals, book_fill, check_fills, unbooked
from apps.portfolio.ledger.money import book_cash
from apps.portfolio.ledger.room import read_marks, rebase_now
from apps.portfolio.ledger.writing import Detail, Journal, locked_row, move_noted, ring, set_room
from apps.portfolio.models import Account, Order

NOTHING = Decimal(0)
_AT_VENUE = {OrderStatus.ACCEPTED, OrderStatus.PARTIALLY_FILLED, OrderStatus.FILLED}


class _NeedsMarks(Exception):  # noqa: N818 - a turn of the road, not an error
    """No reservation stood for a fill: prices are wanted, and not read while the account is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """`new_fills` were not booked before; `status` is where the order stands now."""

    new_fills: tuple[ReportedFill, ...]
    status: OrderStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What was new among fills and movements that no order of ours asked for."""

    new_fills: tuple[ReportedFill, ...]
    new_cash: tuple[CashMovement, ...]


def apply(*, account: str, report: ExecutionReport) -> Applied:
    """Book a venue's report on one of our orders; repeated, late and unordered reports are harmless.

    A fill after an end is booked and leaves a `late_fill` event, one beyond the order an `overfill`.
    Raises UnknownOrder, BadReport (nothing is booked then), Busy.
    """
    try:
        return _apply(account, report, marks=None)
    except _NeedsMarks:
        return _apply(account, report, marks=read_marks())


def _apply(account: str, report: ExecutionReport, *, marks: Mapping[str, Quote] | None) -> Applied:
    with transaction.atomic():
        locks.lock_account(account, exit=True)
        row = locked_row(report.client_order_id, account=account)
        journal, was_over = Journal(account), OrderStatus(row.status).is_final
        new_fills = _book_on(row, report, journal=journal)
        is_unreserved = bool(new_fills) and (was_over or row.overfill)
        if is_unreserved and marks is None:
            raise _NeedsMarks
        told: Detail = {"code": report.code, "text": report.text}
        _settle(row, report.status, told, has_news=bool(new_fills), journal=journal)
        journal.write()
        if is_unreserved:
            rebase_now(account, _known_prices(new_fills, marks or {}))
        return Applied(new_fills=new_fills, status=OrderStatus(row.status))


def book_external(
    *, account: str, fills: Sequence[ReportedFill] = (), cash: Sequence[CashMovement] = ()
) -> Booked:
    """Book what the venue did without an order of ours: stops, stop-outs, somebody else's trades, money.

    A fill that carries the number of an order of ours is booked on that order instead.
    Raises UnknownAccount, BadReport (nothing is booked then), Busy.
    """
    marks = read_marks() if fills else {}
    with transaction.atomic():
        locks.lock_account(account, exit=True)
        row = Account.objects.filter(slug=account).first()
        if row is None:
            raise UnknownAccount(account)
        check_fills(fills)
        new_fills = unbooked(row, fills)
        own = _orders_of(row, new_fills)
        journal = Journal(account)
        for fill in new_fills:
            _book_found(row, fill, own.get(_our_number(fill)), journal)
        journal.write()
        if new_fills:
            rebase_now(account, _known_prices(new_fills, marks))
        return Booked(new_fills=tuple(new_fills), new_cash=book_cash(row, cash))


def _known_prices(fills: Sequence[ReportedFill], marks: Mapping[str, Quote]) -> dict[str, Quote]:
    """Let a fill's own price stand where none of now is known: till the next round it is counted by that."""
    own = (
        Quote(instrument=fill.instrument, bid=fill.price, ask=fill.price, quote_at=fill.executed_at)
        for fill in fills
    )
    return {quote.instrument: quote for quote in own} | dict(marks)


def _book_found(account: Account, fill: ReportedFill, own: Order | None, journal: Journal) -> None:
    if own is None:
        order = _external_order(account, fill, journal)
        book_fill(order, fill, late=False, journal=journal)
        add_totals(order)
        ring(order)
        bell.after_commit("positions", account.slug)
    else:
        report = ExecutionReport(
            client_order_id=own.client_order_id,
            status=OrderStatus(own.status),
            venue_order_id=fill.venue_order_id,
            fills=(fill,),
        )
        _book_on(own, report, journal=journal)
        _settle(own, report.status, {}, has_news=True, journal=journal)


def _our_number(fill: ReportedFill) -> int:
    # A stop carries the number of the order that opened its position: it is not that order's fill.
    return fill.client_number if fill.reason is FillReason.ORDER else 0


def _orders_of(account: Account, fills: Sequence[ReportedFill]) -> dict[int, Order]:
    """Lock the orders of ours that these fills name, before anything is written."""
    numbers = {_our_number(fill) for fill in fills} - {0}
    rows = Order.objects.select_related("account").select_for_update(of=("self",))
    return {row.number: row for row in rows.filter(account=account, number__in=numbers).order_by("id")}


def _book_on(row: Order, report: ExecutionReport, *, journal: Journal) -> tuple[ReportedFill, ...]:
    check_fills(report.fills, row)
    new_fills = unbooked(row.account, report.fills)
    venue_order_id = report.venue_order_id
    if row.amendment and _shows_new_terms(row, report, new_fills):
        answer_noted(journal, row, done=True, detail={"text": "the venue shows the new terms"})
    late = OrderStatus(row.status).is_final
    for fill in new_fills:
        book_fill(row, fill, late=late, journal=journal)
    if venue_order_id and not row.venue_order_id:
        Order.objects.filter(pk=row.pk).update(venue_order_id=venue_order_id)
        row.venue_order_id = venue_order_id
    if new_fills:
        _count(row, late=late, journal=journal)
        bell.after_commit("positions", row.account.slug)
    return tuple(new_fills)


def _shows_new_terms(row: Order, report: ExecutionReport, new_fills: Sequence[ReportedFill]) -> bool:
    """Tell whether a report proves that the venue took a change that was asked for."""
    asked = Terms.from_json(row.amendment or {})
    filled = row.filled + sum((fill.quantity for fill in new_fills), NOTHING)
    ended_as_asked = report.status is OrderStatus.FILLED and filled == asked.quantity
    return report.terms == asked or filled > row.quantity or (ended_as_asked and filled != row.quantity)


def _count(row: Order, *, late: bool, journal: Journal) -> None:
    add_totals(row, late=late)
    status = OrderStatus(row.status)
    if late:
        set_room(row, NOTHING)
    elif left := open_lots(row):
        set_room(row, left)
    # Else it is about to become FILLED, and that move frees its room.
    if row.overfill:
        journal.add(row, kind="overfill", old=status, detail={"filled": str(row.filled)})
    if late:
        journal.add(row, kind="late_fill", old=status, detail={"filled": str(row.filled)})
    if late and status is OrderStatus.ABSENT:
        reason = f"order {row.client_order_id} was taken for absent and has filled"
        block_entries_noted(journal, account=row.account.slug, reason=reason)


def _settle(row: Order, reported: OrderStatus, told: Detail, *, has_news: bool, journal: Journal) -> None:
    if row.status == OrderStatus.APPROVED and (row.filled or reported in _AT_VENUE):
        _admit_sent(row, journal)
    status = OrderStatus(row.status)
    # Of a change without an answer nobody knows how large the order is, unless the venue calls it filled.
    whole = row.quantity if reported is OrderStatus.FILLED else row.filled + open_lots(row)
    target = next_status(status, reported, filled=row.filled, quantity=whole)
    if target is not status:
        if row.amendment:
            keep_room(row, row.amendment, OLD)
        move_noted(journal, row, target, detail=told)
    elif has_news:
        ring(row)


def _admit_sent(row: Order, journal: Journal) -> None:
    """Take an order out of the line that the venue has although it was proven unsent: never send it again."""
    told = {"text": "the venue has it"}
    move_noted(journal, row, OrderStatus.SENDING, detail=told, owner="venue", fence=0)


def _external_order(account: Account, fill: ReportedFill, journal: Journal) -> Order:
    """Return the order that stands for somebody else's; it is born where the venue has it."""
    key = f"{account.slug}:{fill.venue_order_id or fill.execution_id}:{fill.instrument}:{fill.side}"
    order_id = client_order_id(deployment=settings.MTQ_DEPLOYMENT, source=EXTERNAL, signal_key=key, leg=0)
    row, created = Order.objects.select_related("account").get_or_create(
        client_order_id=order_id,
        defaults={
            "number": venue_number(order_id),
            "account": account,
            "source": EXTERNAL,
            "signal_key": key,
            "instrument": fill.instrument,
            "side": fill.side.value,
            "order_type": OrderType.MARKET.value,
            "requested_quantity": fill.quantity,
            "quantity": fill.quantity,
            "is_entry": False,
            "status": OrderStatus.FILLED.value,
            "venue_order_id": fill.venue_order_id,
            "requested_at": fill.executed_at,
        },
    )
    if created:
        journal.add(row, kind=EXTERNAL, old=None, detail={"reason": fill.reason.value})
    return row
