"""What was imported, and what was found wrong with feeds."""

from dataclasses import dataclass
from datetime import datetime

from apps.marketdata.models import QualityReport

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A hard fault of a feed; `at` is the desk time at which it was first seen in its hour."""

    id: int
    instrument: str
    kind: str
    detail: str
    at: datetime


def faults_after(last_id: int) -> list[Fault]:
    """Return hard faults with a higher id, oldest first, at most 500."""
    rows = QualityReport.objects.filter(id__gt=last_id, hard=True).order_by("id")[:_AT_ONCE]
    return [
        Fault(id=row.id, instrument=row.instrument, kind=row.kind, detail=row.detail, at=row.first_seen_at)
        for row in rows
    ]
