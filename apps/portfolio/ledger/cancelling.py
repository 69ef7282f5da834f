"""Cancels: at once while an order is only ours, as a request once the venue has it."""

from django.db import transaction

from apps.portfolio.books.reading import order_view
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.views import OrderView
from apps.portfolio.ledger.amending import take_back
from apps.portfolio.ledger.writing import locked_order, move, notify
from apps.portfolio.models import Order

_S = OrderStatus
_AT_VENUE = frozenset({_S.ACCEPTED, _S.PARTIALLY_FILLED})


def cancel_local(*, order_id: str, detail: str = "") -> bool:
    """Move APPROVED to CANCELLED: nobody has sent it yet; False if the order had moved on."""
    with transaction.atomic():
        row = locked_order(order_id)
        if row.status != _S.APPROVED.value:
            return False
        return move(row, _S.CANCELLED, detail={"text": detail})


def request_cancel(*, order_id: str, by: str = "", detail: str = "") -> OrderView:
    """Cancel an unsent order, or ask the gateway to cancel a working one; return the order as it is then.

    What is in flight (SENDING, UNKNOWN) is left alone: ask again when it is known where it stands. An order
    whose change is with the venue stays REPLACE_PENDING, and the venue is asked to cancel it as it is.
    """
    told = {"text": detail, "by": by}
    with transaction.atomic():
        row = locked_order(order_id)
        status = OrderStatus(row.status)
        if status is _S.APPROVED:
            move(row, _S.CANCELLED, detail=told)
        elif status in _AT_VENUE:
            move(row, _S.CANCEL_PENDING, detail=told)
            notify(order_id)
        elif status is _S.REPLACE_PENDING:
            take_back(row, detail=told)
            notify(order_id)
        return order_view(row)


def cancel_refused(*, order_id: str, detail: str) -> bool:
    """Let an order work on: the venue has proven that it will not cancel it."""
    with transaction.atomic():
        row = locked_order(order_id)
        if row.status != _S.CANCEL_PENDING.value:
            return False
        return move(row, _working(row), detail={"text": detail})


def _working(row: Order) -> OrderStatus:
    return _S.PARTIALLY_FILLED if row.filled else _S.ACCEPTED
