"""One execution becomes a fill row, positions and cash."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.broadcast import bell
from apps.marketdata import instruments
from apps.marketdata.errors import UnknownInstrument
from apps.portfolio.books.reading import holding_of
from apps.portfolio.domain.holding import EXTERNAL, KEPT, Holding, attribute, move, split_money
from apps.portfolio.domain.order import OrderStatus, Side
from apps.portfolio.domain.report import ReportedFill
from apps.portfolio.errors import BadReport
from apps.portfolio.ledger.money import move_cash
from apps.portfolio.ledger.writing import Journal, plain
from apps.portfolio.models import Account, Fill, Order, Position

NOTHING = Decimal(0)
NET = ""
_TOTALS = "SELECT sum(quantity), sum(quantity * price) FROM portfolio_fill WHERE order_id = %s"
_STORE = """
INSERT INTO portfolio_position
    (account_id, instrument, source, quantity, average_price, realized, updated_at) VALUES {rows}
ON CONFLICT (account_id, instrument, source) DO UPDATE SET quantity = EXCLUDED.quantity,
    average_price = EXCLUDED.average_price, realized = EXCLUDED.realized, updated_at = EXCLUDED.updated_at
"""
_POSITION = "(%s, %s, %s, %s, %s, %s, %s)"


def check_fills(fills: Sequence[ReportedFill], row: Order | None = None) -> None:
    """Raise BadReport for fills that cannot be true, or not of this order."""
    for fill in fills:
        numbers = (fill.quantity, fill.price, fill.cash_change)
        if not all(number.is_finite() for number in numbers) or fill.quantity <= 0:
            raise BadReport(f"execution {fill.execution_id} has no usable figures")
        if row is not None and (fill.instrument, fill.side) != (row.instrument, Side(row.side)):
            raise BadReport(f"execution {fill.execution_id} does not belong to {row.client_order_id}")


def unbooked(account: Account, fills: Sequence[ReportedFill]) -> list[ReportedFill]:
    """Return the fills that are new to the account, each once, in the order in which they happened."""
    if not fills:
        return []
    by_id = {fill.execution_id: fill for fill in fills}
    known = Fill.objects.filter(account=account, execution_id__in=list(by_id))
    booked = set(known.values_list("execution_id", flat=True))
    new = [fill for key, fill in by_id.items() if key not in booked]
    return sorted(new, key=lambda fill: (fill.executed_at, fill.execution_id))


def book_fill(row: Order, fill: ReportedFill, *, late: bool, journal: Journal) -> None:
    """Write the execution, move the positions of everybody it touches, and the cash."""
    shares = _move_positions(row, fill)
    Fill.objects.create(
        account=row.account,
        order=row,
        execution_id=fill.execution_id,
        venue_order_id=fill.venue_order_id,
        venue_position_id=fill.venue_position_id,
        client_number=fill.client_number,
        instrument=fill.instrument,
        side=fill.side.value,
        quantity=fill.quantity,
        price=fill.price,
        profit=fill.profit,
        commission=fill.commission,
        swap=fill.swap,
        fee=fill.fee,
        reason=fill.reason.value,
        shares={source: plain(lots) for source, lots in shares.items()},
        late=late,
        executed_at=fill.executed_at,
    )
    bell.after_commit("fills", fill.execution_id, scope=row.account.slug)
    move_cash(row.account, fill.cash_change)
    told = {
        "execution": fill.execution_id,
        "reason": fill.reason.value,
        "quantity": plain(fill.quantity),
        "price": plain(fill.price),
        "cash": plain(fill.cash_change),
    }
    journal.add(row, kind="fill", old=OrderStatus(row.status), detail=told)


def add_totals(row: Order, *, late: bool = False) -> None:
    """Take filled quantity and average price from the order's fills, in whatever order they came."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [row.pk])
        lots, worth = cursor.fetchone()
    row.filled = lots
    row.average_price = (worth / lots).quantize(KEPT, ROUND_HALF_EVEN)
    if row.source == EXTERNAL:
        row.quantity = row.filled  # somebody else's order is as large as what we saw of it
    row.overfill = row.overfill or row.filled > row.quantity
    row.late_fill = row.late_fill or late
    row.save(update_fields=["filled", "average_price", "quantity", "overfill", "late_fill", "updated_at"])


def _move_positions(row: Order, fill: ReportedFill) -> dict[str, Decimal]:
    account, instrument = row.account, fill.instrument
    held = Position.objects.filter(account=account, instrument=instrument)
    holdings = {position.source: holding_of(position) for position in held}
    net = holdings.pop(NET, Holding(instrument=instrument))
    virtual = {source: holding.quantity for source, holding in holdings.items()}
    by = fill.quantity * fill.side.sign
    shares = attribute(
        by,
        source=row.source,
        reduce_only=row.reduce_only,
        virtual=virtual,
        step=_step(instrument, fill.quantity, virtual),
    )
    money = split_money(fill.cash_change, shares)
    moved = {NET: move(net, by=by, price=fill.price, cash=fill.cash_change)}
    for source, lots in shares.items():
        before = holdings.get(source, Holding(instrument=instrument))
        moved[source] = move(before, by=lots, price=fill.price, cash=money[source])
    _store(account, moved)
    return shares


def _store(account: Account, holdings: Mapping[str, Holding]) -> None:
    now = timezone.now()
    rows: list[Any] = []
    for source, holding in holdings.items():
        rows += (account.pk, holding.instrument, source)
        rows += (holding.quantity, holding.average_price, holding.realized, now)
    with connection.cursor() as cursor:
        cursor.execute(_STORE.format(rows=", ".join([_POSITION] * len(holdings))), rows)


def _step(instrument: str, quantity: Decimal, virtual: Mapping[str, Decimal]) -> Decimal:
    """Return the lot step; for an instrument we do not know, the finest step seen: money must be booked."""
    try:
        return instruments.spec(instrument).lot_step
    except UnknownInstrument:
        numbers = (quantity, *virtual.values())
        return min(Decimal(1).scaleb(min(0, _exponent(number))) for number in numbers)


def _exponent(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
