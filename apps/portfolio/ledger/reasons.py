"""Why somebody did what they did, beside an order's other entries of the audit trail."""

from django.db import transaction

from apps.portfolio.ledger.writing import locked_order, record
from apps.portfolio.models import OrderEvent

KIND = "reason"


def keep_reason(*, order_id: str, by: str, reason: str) -> bool:
    """Write why an order was sent; False where that is written already. Raises UnknownOrder, Busy."""
    with transaction.atomic():
        row = locked_order(order_id)
        if OrderEvent.objects.filter(order=row, kind=KIND).exists():
            return False
        record(row, kind=KIND, old=None, detail={"by": by, "reason": reason})
        return True
