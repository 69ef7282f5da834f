"""How a row changes: under its locks, by a conditional update, with event and audit beside it."""

from decimal import ROUND_UP, Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.broadcast import bell
from apps.portfolio import audit, locks
from apps.portfolio.domain.holding import KEPT
from apps.portfolio.domain.order import OrderStatus, check_move
from apps.portfolio.errors import UnknownOrder
from apps.portfolio.models import Order, OrderEvent, Reservation

CHANNEL = "mtq_orders"
Detail = dict[str, Any]


def locked_order(client_order_id: str) -> Order:
    """Lock the order's account, then its row. Raises UnknownOrder, Busy."""
    found = Order.objects.filter(client_order_id=client_order_id).values_list("account__slug", flat=True)
    slug = found.first()
    if slug is None:
        raise UnknownOrder(client_order_id)
    locks.lock_account(slug, exit=True)
    return locked_row(client_order_id, account=slug)


def locked_row(client_order_id: str, *, account: str) -> Order:
    """Lock an order's row, under its account's lock. Raises UnknownOrder."""
    rows = Order.objects.select_related("account").select_for_update(of=("self",))
    row = rows.filter(client_order_id=client_order_id, account__slug=account).first()
    if row is None:
        raise UnknownOrder(client_order_id)
    return row


def move(row: Order, to: OrderStatus, *, detail: Detail | None = None, **changes: Any) -> bool:
    """Move an order and free its room where it ended; False if its status was not the one seen.

    Raises IllegalMove where the table has no way.
    """
    seen = OrderStatus(row.status)
    check_move(seen, to)
    changes |= {"status": to.value, "updated_at": timezone.now()}
    if Order.objects.filter(pk=row.pk, status=seen.value).update(**changes) != 1:
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    if to.is_final:
        set_room(row, Decimal(0))
    record(row, kind=to.value, old=seen, detail=detail)
    ring(row)
    return True


def record(row: Order, *, kind: str, old: OrderStatus | None, detail: Detail | None = None) -> None:
    """Write what happened to an order: its event and its audit entry."""
    facts = detail or {}
    before = old.value if old else ""
    OrderEvent.objects.create(order=row, kind=kind, old_status=before, new_status=row.status, detail=facts)
    audit.append(
        chain=audit.chain_of(row.account.slug),
        kind=f"order.{kind}",
        subject=row.client_order_id,
        payload={"from": before, "to": row.status} | facts,
    )


def ring(row: Order) -> None:
    """Tell listeners after commit that there is news of an order."""
    bell.after_commit("orders", row.client_order_id)


def set_room(row: Order, open_lots: Decimal) -> None:
    """Let the reservation hold what is still open; its margin shrinks with it, rounded up."""
    rooms = Reservation.objects.filter(order=row)
    if not open_lots:
        rooms.filter(quantity__gt=0).update(quantity=open_lots, margin=open_lots, updated_at=timezone.now())
        return
    room = rooms.first()
    if room is None or room.quantity == open_lots:
        return
    margin = (room.margin * open_lots / room.quantity).quantize(KEPT, ROUND_UP)
    Reservation.objects.filter(pk=room.pk).update(
        quantity=open_lots, margin=margin, updated_at=timezone.now()
    )


def notify(client_order_id: str) -> None:
    """Wake the gateway once this transaction is committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, client_order_id])


def plain(number: Decimal | None) -> str:
    """Write a number as text for events and audit: exact, and one spelling for equal numbers."""
    return "" if number is None else f"{number.normalize():f}"
