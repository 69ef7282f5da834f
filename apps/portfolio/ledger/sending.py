"""One sender: an order is claimed once, and never sent again unless no byte left."""

import logging
from collections.abc import Collection, Sequence

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.portfolio import clock, locks
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
SELECT o.client_order_id, o.boot_id <> %s OR o.deadline_boottime_ns <= %s, a.slug
FROM portfolio_order o JOIN portfolio_account a ON a.id = o.account_id
WHERE o.status = 'approved' ORDER BY o.id
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
    waiting = dict.fromkeys(slug for _, is_over, slug in line if not is_over)  # oldest order first
    for slug in waiting:
        if accounts is None or slug in accounts:
            claimed = _claim_of(slug, owner=owner, fence=fence, lease_s=lease_s)
            if claimed is not None:
                return claimed
    return None  # mostly nobody waits, and to find that takes one statement


def _claim_of(slug: str, *, owner: str, fence: int, lease_s: float) -> OrderView | None:
    """Take an account's next order, under its lock; None where it has none in turn, or is busy."""
    try:
        with transaction.atomic(durable=True):
            locks.lock_account(slug, exit=True)
            return _claim_next(slug, owner=owner, fence=fence, lease_s=lease_s)
    except Busy as busy:
        logger.info("orders of %s wait: %s", slug, busy)
        return None


def _claim_next(slug: str, *, owner: str, fence: int, lease_s: float) -> OrderView | None:
    row = _next_in_line(slug)
    if row is None:
        return None
    moved = move(
        row,
        _S.SENDING,
        detail={"owner": owner, "fence": fence},
        owner=owner,
        fence=fence,
        lease_boot_id=clock.boot_id(),
        lease_boottime_ns=clock.deadline_ns(lease_s),
        sent_at=timezone.now(),
    )
    return order_view(row) if moved else None


def _next_in_line(slug: str) -> Order | None:
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
        account__slug=slug,
        status=_S.APPROVED.value,
        boot_id=clock.boot_id(),
        deadline_boottime_ns__gt=clock.boottime_ns(),
    )
    in_turn = (Q(is_entry=False) | ~Exists(before)) & ~Exists(earlier_leg)
    return rows.filter(in_turn).order_by("id").first()


def expire_overdue() -> int:
    """End approved orders whose time to live is over, and return how many; the next call goes on."""
    return _expire_overdue(_line())


def _line() -> list[tuple[str, bool, str]]:
    """Return every approved order, oldest first, whether its time to live is over, and its account."""
    with connection.cursor() as cursor:
        cursor.execute(_LINE, [clock.boot_id(), clock.boottime_ns()])
        rows: list[tuple[str, bool, str]] = cursor.fetchall()
    return rows


def _expire_overdue(line: Sequence[tuple[str, bool, str]]) -> int:
    ended = 0
    for order_id in [order_id for order_id, is_over, _ in line if is_over][:100]:
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
