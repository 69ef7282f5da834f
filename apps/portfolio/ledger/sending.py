"""One sender: an order is claimed once, and never sent again unless no byte left."""

import logging
from collections.abc import Collection, Sequence

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.portfolio import clock
from apps.portfolio.books.reading import order_view
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.views import OrderView
from apps.portfolio.errors import Busy
from apps.portfolio.ledger.writing import Detail, locked_order, move
from apps.portfolio.models import Order
from apps.portfolio.models.orders import OPEN

logger = logging.getLogger(__name__)
_S = OrderStatus
_LINE = """
SELECT client_order_id, boot_id <> %s OR deadline_boottime_ns <= %s
FROM portfolio_order WHERE status = 'approved' ORDER BY id
"""
_NO_SENDER = {"owner": "", "fence": None, "lease_boot_id": "", "lease_boottime_ns": 0, "sent_at": None}


def claim(
    *, owner: str, fence: int, lease_s: float, accounts: Collection[str] | None = None
) -> OrderView | None:
    """Take the oldest approved order that may still be sent: it is SENDING, committed, when this returns.

    Orders past their time to live are ended. Only `accounts` are looked at, where given. Legs of a signal
    go one after the other, an entry after everything older in its instrument. An entry waits while the
    venue may have an order in its instrument that nobody can account for; an exit waits for no entry.
    """
    line = _line()
    _expire_overdue(line)
    if all(is_over for _, is_over in line):
        return None  # mostly nobody waits, and to find that takes one statement
    with transaction.atomic(durable=True):
        row = _next_in_line(accounts)
        if row is None:
            return None
        now = timezone.now()
        moved = move(
            row,
            _S.SENDING,
            detail={"owner": owner, "fence": fence},
            owner=owner,
            fence=fence,
            lease_boot_id=clock.boot_id(),
            lease_boottime_ns=clock.deadline_ns(lease_s),
            sent_at=now,
        )
        return order_view(row) if moved else None


def _next_in_line(accounts: Collection[str] | None) -> Order | None:
    same = Order.objects.filter(account=OuterRef("account"), instrument=OuterRef("instrument"))
    before = same.filter(
        Q(status__in=(_S.UNKNOWN.value, _S.SENDING.value))
        | Q(status=_S.APPROVED.value, id__lt=OuterRef("id"))
    )
    earlier_leg = Order.objects.filter(
        account=OuterRef("account"),
        source=OuterRef("source"),
        signal_key=OuterRef("signal_key"),
        leg__lt=OuterRef("leg"),
        status__in=OPEN,
    )
    rows = Order.objects.select_related("account").select_for_update(skip_locked=True, of=("self",))
    rows = rows.filter(
        status=_S.APPROVED.value,
        boot_id=clock.boot_id(),
        deadline_boottime_ns__gt=clock.boottime_ns(),
    )
    if accounts is not None:
        rows = rows.filter(account__slug__in=accounts)
    in_turn = (Q(is_entry=False) | ~Exists(before)) & ~Exists(earlier_leg)
    return rows.filter(in_turn).order_by("id").first()


def expire_overdue() -> int:
    """End approved orders whose time to live is over, and return how many; the next call goes on."""
    return _expire_overdue(_line())


def _line() -> list[tuple[str, bool]]:
    """Return every approved order, oldest first, and whether its time to live is over."""
    with connection.cursor() as cursor:
        cursor.execute(_LINE, [clock.boot_id(), clock.boottime_ns()])
        rows: list[tuple[str, bool]] = cursor.fetchall()
    return rows


def _expire_overdue(line: Sequence[tuple[str, bool]]) -> int:
    ended = 0
    for order_id in [order_id for order_id, is_over in line if is_over][:100]:
        try:
            ended += expire(order_id=order_id)
        except Busy as busy:
            logger.info("%s stays approved for now, though its time is over: %s", order_id, busy)
            break
    return ended


def expire(*, order_id: str, detail: str = "its time to live is over") -> bool:
    """Move APPROVED to EXPIRED, room freed; False if the order had moved on."""
    return _end(order_id, frozenset({_S.APPROVED}), _S.EXPIRED, detail)


def not_sent(*, order_id: str, detail: str, fence: int | None = None) -> bool:
    """Move SENDING back to APPROVED, on its own sender's proof that no byte left."""
    with transaction.atomic():
        row = locked_order(order_id)
        if row.status != _S.SENDING.value or fence not in {None, row.fence}:
            return False
        return move(row, _S.APPROVED, detail={"text": detail}, **_NO_SENDER)


def mark_unknown(*, order_id: str, detail: str) -> bool:
    """Move SENDING to UNKNOWN: the room stays, and the order is never sent again."""
    return _end(order_id, frozenset({_S.SENDING}), _S.UNKNOWN, detail, unknown_at=timezone.now())


def mark_absent(*, order_id: str, detail: str) -> bool:
    """Move UNKNOWN to ABSENT, once all that proves absence was seen; room freed."""
    return _end(order_id, frozenset({_S.UNKNOWN}), _S.ABSENT, detail)


def release_lost_senders(current_fence: int) -> list[str]:
    """Put every SENDING order of another incarnation, or past its lease, in doubt. Return their ids."""
    ended = ~Q(lease_boot_id=clock.boot_id()) | Q(lease_boottime_ns__lte=clock.boottime_ns())
    rows = Order.objects.filter(~Q(fence=current_fence) | ended, status=_S.SENDING.value)
    lost = list(rows.order_by("id").values_list("client_order_id", flat=True))
    return [each for each in lost if mark_unknown(order_id=each, detail="its sender is gone")]


def _end(order_id: str, seen: frozenset[OrderStatus], to: OrderStatus, text: str, **changes: object) -> bool:
    with transaction.atomic():
        row = locked_order(order_id)
        if OrderStatus(row.status) not in seen:
            return False
        detail: Detail = {"text": text}
        return move(row, to, detail=detail, **changes)
