"""An order is born with its verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.portfolio import clock
from apps.portfolio.books.reading import order_view
from apps.portfolio.domain.order import OrderRequest, OrderStatus, venue_number
from apps.portfolio.domain.views import OrderView
from apps.portfolio.errors import UnknownAccount
from apps.portfolio.ledger.writing import CHANNEL, plain, record, ring
from apps.portfolio.models import Account, Order

NOTHING = Decimal(0)
_RESERVE = """
WITH room AS (
    INSERT INTO portfolio_reservation (order_id, quantity, price, margin, updated_at)
    VALUES (%s, %s, %s, %s, %s)
)
SELECT pg_notify(%s, %s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationTerms:
    """`price` in the quote currency (the exposure's), `margin` in the account's for the whole order."""

    price: Decimal
    margin: Decimal


def open_order(
    *,
    request: OrderRequest,
    order_id: str,
    status: OrderStatus,
    quantity: Decimal,
    reservation: ReservationTerms | None,
    reasons: Sequence[Any] = (),
    epochs: Mapping[str, int] | None = None,
    review_id: int | None = None,
    is_entry: bool | None = None,
) -> OrderView:
    """Write an order with risk's verdict, in the caller's transaction under the account's lock.

    An exit needs no terms; an approved entry does. `reasons` are plain JSON: numbers as text.
    Raises UnknownAccount, ValueError.
    """
    if status not in {OrderStatus.APPROVED, OrderStatus.DENIED}:
        raise ValueError(f"an order is born approved or denied, not {status}")
    account = _account(request.account)
    entry = not request.reduce_only if is_entry is None else is_entry
    row = Order.objects.create(
        client_order_id=order_id,
        number=venue_number(order_id),
        account=account,
        source=request.source,
        signal_key=request.signal_key,
        leg=request.leg,
        review_id=review_id,
        instrument=request.instrument,
        side=request.side.value,
        order_type=request.order_type.value,
        requested_quantity=request.quantity,
        quantity=quantity,
        price=request.price,
        stop_loss=request.stop_loss,
        take_profit=request.take_profit,
        reduce_only=request.reduce_only,
        is_entry=entry,
        ticket=request.ticket,
        status=status.value,
        reasons=list(reasons),
        filled=NOTHING,
        breaker_epochs=dict(epochs or {}),
        boot_id=clock.boot_id(),
        deadline_boottime_ns=clock.deadline_ns(request.ttl_s),
        requested_at=request.requested_at,
    )
    if status is OrderStatus.APPROVED:
        _reserve(row, reservation)
    record(row, kind=status.value, old=None, detail=_told(row))
    ring(row)
    return order_view(row)


def _account(slug: str) -> Account:
    """Return enough of the account to refer to it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM portfolio_account WHERE slug = %s", [slug])
        found = cursor.fetchone()
    if found is None:
        raise UnknownAccount(slug)
    return Account(pk=found[0], slug=slug)


def _reserve(row: Order, terms: ReservationTerms | None) -> None:
    """Hold the order's room, and wake the gateway once this transaction is committed: one round trip."""
    if terms is None:
        if row.is_entry:
            raise ValueError("an approved entry needs the terms of its reservation")
        terms = ReservationTerms(price=row.price or NOTHING, margin=NOTHING)
    room = [row.pk, row.quantity, terms.price, terms.margin, timezone.now()]
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE, [*room, CHANNEL, row.client_order_id])


def _told(row: Order) -> dict[str, Any]:
    return {
        "source": row.source,
        "instrument": row.instrument,
        "side": row.side,
        "type": row.order_type,
        "requested": plain(row.requested_quantity),
        "quantity": plain(row.quantity),
        "price": plain(row.price),
        "entry": row.is_entry,
        "reasons": row.reasons,
    }
