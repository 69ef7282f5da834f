"""Changes of a working order: asked for under its account's lock, sent once, settled by the venue's word.

The order stays the one it is: same id, revision + 1. Until the venue answers it is REPLACE_PENDING and holds
room for the larger of old and new.
"""

import logging
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from apps.portfolio import clock
from apps.portfolio.books.reading import order_view
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.terms import Amendment, Terms
from apps.portfolio.domain.views import OrderView
from apps.portfolio.errors import Busy, NotAmendable
from apps.portfolio.ledger.amended import NEW, OLD, hold_larger, keep_room
from apps.portfolio.ledger.opening import ReservationTerms
from apps.portfolio.ledger.writing import Detail, Journal, locked_order, move_noted, notify, record
from apps.portfolio.models import Order

logger = logging.getLogger(__name__)
_S = OrderStatus
CHANGEABLE = frozenset({_S.ACCEPTED, _S.PARTIALLY_FILLED})


def request_amend(
    *,
    order_id: str,
    terms: Terms,
    reservation: ReservationTerms | None,
    by: str,
    epochs: Mapping[str, int] | None = None,
    review_id: int | None = None,
    ttl_s: int = 30,
) -> OrderView:
    """Ask for other terms of a working order, on risk's leave: it is REPLACE_PENDING when this returns.

    `reservation` is of what would be open under the new terms; an exit needs none. Not sent within `ttl_s`
    real seconds it is given up. Raises UnknownOrder, NotAmendable, Busy.
    """
    with transaction.atomic():
        row = locked_order(order_id)
        check_amendable(order_view(row), terms)
        asked = Amendment(
            terms=terms,
            by=by,
            breaker_epochs=dict(epochs or {}),
            boot_id=clock.boot_id(),
            deadline_boottime_ns=clock.deadline_ns(ttl_s),
        )
        rooms = hold_larger(row, terms, reservation)
        journal = Journal(row.account.slug)
        move_noted(
            journal,
            row,
            _S.REPLACE_PENDING,
            detail={"by": by, "review": review_id, "old": Terms.of(row).as_json(), "new": terms.as_json()},
            amendment=asked.as_json() | {"rooms": rooms, "review": review_id},
            revision=row.revision + 1,
        )
        journal.write()
        notify(order_id)
        return order_view(row)


def check_amendable(order: OrderView, terms: Terms) -> None:
    """Raise NotAmendable where an order cannot be changed to these terms as it stands."""
    changes = Terms.of(order).changes(terms)
    if order.status not in CHANGEABLE:
        raise NotAmendable(f"the order is {order.status.value}: only a working one can be changed")
    if not changes:
        raise NotAmendable("the order stands as you ask")
    if not all(number.is_finite() for number in _numbers(terms)) or terms.quantity <= 0:
        raise NotAmendable("the quantity is above zero, and every number finite")
    if terms.quantity <= order.filled:
        raise NotAmendable(
            f"{order.filled.normalize():f} lots are filled already: cancel what is left instead"
        )
    if (terms.price is None) is not (order.price is None):
        raise NotAmendable("an order with a price keeps one, and one without gets none")


def _numbers(terms: Terms) -> list[Any]:
    prices = (terms.price, terms.stop_loss, terms.take_profit)
    return [terms.quantity, *(price for price in prices if price is not None)]


def claim_amend(*, owner: str, fence: int, accounts: Collection[str] | None = None) -> OrderView | None:
    """Take the oldest change that nobody has sent: it is marked as sent, committed, when this returns.

    Those past their time to live are given up. Raises nothing where an account is busy: the next call asks
    again.
    """
    rows = Order.objects.filter(status=_S.REPLACE_PENDING.value, amendment__sender="").order_by("id")
    if accounts is not None:
        rows = rows.filter(account__slug__in=accounts)
    for order_id in rows.values_list("client_order_id", flat=True)[:50]:
        try:
            claimed = _claim(order_id, owner=owner, fence=fence)
        except Busy as busy:
            logger.info("the change of %s waits: %s", order_id, busy)
            continue
        if claimed is not None:
            return claimed
    return None


def _claim(order_id: str, *, owner: str, fence: int) -> OrderView | None:
    with transaction.atomic():
        row = locked_order(order_id)
        asked = _unsent(row)
        if asked is None:
            return None
        if clock.has_passed(asked.boot_id, asked.deadline_boottime_ns):
            _answer(row, done=False, detail={"text": "its time to live is over"})
            return None
        _mark(row, kind="amend_sent", sender=owner, fence=fence, detail={"owner": owner, "fence": fence})
        return order_view(row)


def amend_not_sent(*, order_id: str, detail: str, fence: int) -> bool:
    """Put a change back in line, on its own sender's proof that no byte left."""
    with transaction.atomic():
        row = locked_order(order_id)
        if not row.amendment or row.amendment.get("fence") != fence:
            return False
        _mark(row, kind="amend_not_sent", sender="", fence=None, detail={"text": detail})
        return True


def amend_done(*, order_id: str, detail: str = "") -> bool:
    """Let the order work under its new terms: the venue took them. False where nothing was asked."""
    return _settle(order_id, done=True, detail=detail)


def amend_refused(*, order_id: str, detail: str) -> bool:
    """Let the order work on under its old terms: the venue proved that it keeps them, or was never asked."""
    return _settle(order_id, done=False, detail=detail)


def _settle(order_id: str, *, done: bool, detail: str) -> bool:
    with transaction.atomic():
        row = locked_order(order_id)
        if row.status != _S.REPLACE_PENDING.value:
            return False
        _answer(row, done=done, detail={"text": detail})
        return True


def _answer(row: Order, *, done: bool, detail: Detail) -> None:
    journal = Journal(row.account.slug)
    answer_noted(journal, row, done=done, detail=detail)
    journal.write()


def answer_noted(journal: Journal, row: Order, *, done: bool, detail: Detail) -> None:
    """End a pending change, told of when the caller's journal is written."""
    kept: dict[str, Any] = row.amendment or {}
    changes: dict[str, Any] = {"amendment": None}
    if done:
        terms = Terms.from_json(kept)
        changes |= {"quantity": terms.quantity, "price": terms.price}
        changes |= {"stop_loss": terms.stop_loss, "take_profit": terms.take_profit}
        changes["overfill"] = row.overfill or row.filled > terms.quantity
    to = _S.PARTIALLY_FILLED if row.filled else _S.ACCEPTED
    kind = "amended" if done else "amend_refused"
    move_noted(journal, row, to, kind=kind, detail=detail, **changes)
    keep_room(row, kept, NEW if done else OLD)
    if kept.get("cancel"):
        move_noted(journal, row, _S.CANCEL_PENDING, detail={"text": "asked for while it was being changed"})


def take_back(row: Order, *, detail: Detail) -> None:
    """Cancel an order that is being changed: a change that nobody has sent is given up at once."""
    asked: dict[str, Any] = row.amendment or {}
    if asked.get("cancel"):
        return
    row.amendment = asked | {"cancel": True}
    if _unsent(row) is not None:
        _answer(row, done=False, detail=detail)
        return
    row.save(update_fields=["amendment", "updated_at"])
    record(row, kind="cancel_asked", old=OrderStatus(row.status), detail=detail)


def _unsent(row: Order) -> Amendment | None:
    asked = Amendment.from_json(row.amendment) if row.amendment else None
    return asked if asked is not None and not asked.sender else None


def _mark(row: Order, *, kind: str, sender: str, fence: int | None, detail: Detail) -> None:
    row.amendment = (row.amendment or {}) | {"sender": sender, "fence": fence}
    row.save(update_fields=["amendment", "updated_at"])
    record(row, kind=kind, old=OrderStatus(row.status), detail=detail)
