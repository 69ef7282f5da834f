"""A kept review, for those who show an order's life."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.risk.models import RiskReview
from apps.risk.review import keeping


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """How one order was judged. `created_at` is wall time; numbers inside are text."""

    id: int
    client_order_id: str
    verdict: str
    checks: tuple[dict[str, Any], ...]
    sizing: dict[str, Any]
    elapsed_ms: float
    created_at: datetime


def stored(review_id: int) -> ReviewView | None:
    """Return a review, None where there is none of that number."""
    row = RiskReview.objects.filter(pk=review_id).first()
    if row is None:
        return None
    return ReviewView(
        id=row.pk,
        client_order_id=row.client_order_id,
        verdict=row.verdict,
        checks=keeping.checks_of(row.results, row.reasons),
        sizing=row.sizing,
        elapsed_ms=row.elapsed_ms,
        created_at=row.created_at,
    )
