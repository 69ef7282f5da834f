"""A fault is a row, once per kind and desk hour, with a count: a storm is not a million rows."""

from collections import Counter
from datetime import datetime

from django.conf import settings
from django.db.models import F

from apps.marketdata import clock
from apps.marketdata.models import QualityReport

_DETAIL_LENGTH = 400


def record_fault(*, instrument: str, kind: str, detail: str, hard: bool = True) -> None:
    """Count a fault of an instrument's feed; the first of its desk hour makes the row that risk reads."""
    _count(instrument, kind, detail, hard=hard, times=1, now=clock.desk_now())


class Faults:
    """Faults met in one batch, written together."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, bool]] = Counter()
        self._details: dict[tuple[str, str, bool], str] = {}

    def __len__(self) -> int:
        return self._counts.total()

    def add(self, instrument: str, kind: str, detail: str, *, hard: bool = True) -> None:
        key = (instrument, kind, hard)
        self._counts[key] += 1
        self._details.setdefault(key, detail)

    def write(self) -> None:
        now = clock.desk_now()
        for (instrument, kind, hard), times in self._counts.items():
            detail = self._details[instrument, kind, hard]
            _count(instrument, kind, detail, hard=hard, times=times, now=now)


def _count(instrument: str, kind: str, detail: str, *, hard: bool, times: int, now: datetime) -> None:
    row, created = QualityReport.objects.get_or_create(
        source=settings.MTQ_RUN,
        instrument=instrument,
        kind=kind,
        desk_hour_at=now.replace(minute=0, second=0, microsecond=0),
        defaults={
            "hard": hard,
            "detail": detail[:_DETAIL_LENGTH],
            "count": times,
            "first_seen_at": now,
        },
    )
    if not created:
        QualityReport.objects.filter(pk=row.pk).update(count=F("count") + times)
