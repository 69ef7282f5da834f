"""How a row changes: under its locks, by a conditional update, with event and audit beside it."""

import json
from decimal import ROUND_UP, Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.broadcast import bell
from apps.portfolio import audit, locks
from apps.portfolio.domain.holding import KEPT
from apps.portfolio.domain.order import OrderStatus, check_move
from apps.portfolio.errors import UnknownOrder
from apps.portfolio.models import Order, Reservation

CHANNEL = "mtq_orders"
Detail = dict[str, Any]
_EVENTS = (
    "INSERT INTO portfolio_orderevent (order_id, kind, old_status, new_status, detail, created_at) VALUES "
)
_EVENT = "(%s, %s, %s, %s, %s, %s)"


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


class Journal:
    """What happened to orders of one account, and to it by them: written together at the end."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._events: list[Any] = []
        self._news: list[audit.News] = []
        self._of_account: list[audit.News] = []

    def add(self, row: Order, *, kind: str, old: OrderStatus | None, detail: Detail | None = None) -> None:
        """Note what has just happened to an order; it stands in the state that it has now."""
        facts = detail or {}
        before = old.value if old else ""
        self._events += (row.pk, kind, before, row.status, json.dumps(facts), timezone.now())
        payload = {"from": before, "to": row.status} | facts
        self._news.append(audit.News(kind=f"order.{kind}", subject=row.client_order_id, payload=payload))

    def add_of_account(self, *, kind: str, payload: dict[str, str]) -> None:
        """Note what has just happened to the account itself, and tell listeners after commit."""
        news = audit.News(kind=f"account.{kind}", subject=self._account, payload=payload)
        self._of_account.append(news)
        bell.after_commit("accounts", self._account)

    def write(self) -> None:
        """Write it, last in the transaction that it tells of: the chain's head is the last lock."""
        if not self._news:
            return
        events = audit.Insert(sql=_EVENTS + ", ".join([_EVENT] * len(self._news)), parameters=self._events)
        chain, news = audit.chain_of(self._account), [*self._news, *self._of_account]
        audit.append_all(chain=chain, news=news, beside=events)
        self._events, self._news, self._of_account = [], [], []


def move(row: Order, to: OrderStatus, *, detail: Detail | None = None, **changes: Any) -> bool:
    """Move an order and free its room where it ended; False if its status was not the one seen.

    Raises IllegalMove where the table has no way.
    """
    journal = Journal(row.account.slug)
    moved = move_noted(journal, row, to, detail=detail, **changes)
    journal.write()
    return moved


def move_noted(
    journal: Journal,
    row: Order,
    to: OrderStatus,
    *,
    kind: str = "",
    detail: Detail | None = None,
    **changes: Any,
) -> bool:
    """Move an order as `move` does, told of when the caller's journal is written.

    An order that leaves REPLACE_PENDING keeps its old terms unless told the new ones.
    """
    seen = OrderStatus(row.status)
    check_move(seen, to)
    changes |= {"status": to.value, "updated_at": timezone.now()}
    if seen is OrderStatus.REPLACE_PENDING:
        changes.setdefault("amendment", None)
    if Order.objects.filter(pk=row.pk, status=seen.value).update(**changes) != 1:
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    if to.is_final:
        set_room(row, Decimal(0))
    journal.add(row, kind=kind or to.value, old=seen, detail=detail)
    ring(row)
    return True


def record(row: Order, *, kind: str, old: OrderStatus | None, detail: Detail | None = None) -> None:
    """Write what happened to an order: its event and its audit entry."""
    journal = Journal(row.account.slug)
    journal.add(row, kind=kind, old=old, detail=detail)
    journal.write()


def ring(row: Order) -> None:
    """Tell listeners after commit that there is news of an order."""
    bell.after_commit("orders", row.client_order_id, scope=row.account.slug)


def set_room(row: Order, open_lots: Decimal) -> None:
    """Let the reservation hold what is still open; its margin shrinks with it, rounded up.

    With nothing open the room goes back to the desk and the source; what was filled stays counted there: it
    is a position's now.
    """
    if not open_lots:
        with connection.cursor() as cursor:
            cursor.execute("SELECT portfolio_free_room(%s)", [row.pk])
        return
    room = Reservation.objects.filter(order=row).first()
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
