"""The covariance in force and the returns behind it, read once by each process and version."""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.conf import settings
from django.db import DatabaseError

from apps.risk.domain.metrics import Covariance
from apps.risk.domain.metrics.returns import Returns
from apps.risk.models import Covariance as Row

log = logging.getLogger(__name__)

NO_COVARIANCE, STALE_COVARIANCE = "no_covariance", "stale_covariance"
LOOKED_FOR_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A covariance with the daily returns it was made of; `raised` eigenvalues were repaired."""

    covariance: Covariance
    returns: Returns
    days_used: int
    raised: int


class _Newest:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: Estimate | None = None
        self._look_at = float("-inf")

    def get(self) -> Estimate | None:
        with self._lock:
            if time.monotonic() >= self._look_at:
                try:
                    self._look()
                except DatabaseError as error:
                    # What is held has an end of its own; a permit then says itself that the database is away.
                    log.warning("the covariance is as last read: %s", error)
                self._look_at = time.monotonic() + LOOKED_FOR_EVERY_S
            return self._held

    def _look(self) -> None:
        rows = Row.objects.filter(base=settings.MTQ_BASE_CURRENCY)
        version = rows.values_list("version", flat=True).first()
        if version is None:
            self._held = None
        elif self._held is None or self._held.covariance.version != version:
            self._held = _value(rows.get(version=version))

    def forget(self) -> None:
        self._held, self._look_at = None, float("-inf")


_newest = _Newest()


def current() -> Covariance | None:
    """Return the newest covariance, stale or not; None before the first. A newer one is seen within 1 s."""
    found = _newest.get()
    return found.covariance if found else None


def estimate() -> Estimate | None:
    """Return the newest covariance with its returns."""
    return _newest.get()


def judged(now: datetime) -> tuple[Covariance | None, str]:
    """Return the covariance to judge an entry by at a desk time, or none and why: the reason to deny it."""
    found = current()
    if found is None:
        return None, NO_COVARIANCE
    return (None, STALE_COVARIANCE) if found.is_stale(now) else (found, "")


def forget() -> None:
    """Look again next time: this process wrote a version."""
    _newest.forget()


def _value(row: Row) -> Estimate:
    return Estimate(
        covariance=Covariance(
            version=row.version,
            factors=tuple(row.factors),
            matrix=np.array(row.matrix, dtype=np.float64),
            as_of=row.last_day,
            valid_until=row.valid_until,
        ),
        returns=Returns(
            factors=tuple(row.factors),
            days=tuple(date.fromisoformat(day) for day in row.days),
            values=np.array(row.returns, dtype=np.float64),
        ),
        days_used=row.days_used,
        raised=row.raised,
    )
