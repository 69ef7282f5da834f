"""A new version of the covariance whenever another daily close is there."""

import logging
import time
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import numpy as np
from django.conf import settings
from django.db import IntegrityError, transaction

from apps.marketdata import clock, history, instruments
from apps.marketdata.domain import sessions
from apps.marketdata.domain.arrays import from_us
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.errors import NoHistory, StoreUnavailable
from apps.risk import covariances
from apps.risk.domain.metrics import covariance as matrices
from apps.risk.domain.metrics import returns
from apps.risk.domain.metrics.returns import COVARIANCE_DAYS, KEPT_DAYS, Returns
from apps.risk.domain.metrics.validity import valid_until
from apps.risk.errors import NoCovariance
from apps.risk.models import Covariance

log = logging.getLogger(__name__)

# Hourly bars where there are no daily ones: the desk of a data set keeps its own timeframe.
BARS = {Timeframe.D1: KEPT_DAYS + 1, Timeframe.H1: (KEPT_DAYS + 1) * 24}
# A daily close that is this late has a gap: who has it goes on, the other is no factor until it is back.
LATE = timedelta(minutes=30)
LACKING_EVERY_S = 30.0


def estimate() -> int | None:
    """Keep a new version of the covariance if there is a newer daily close, and return its number.

    None where there is nothing newer, too little to say, or no store to ask: the last version then grows
    stale, and entries that need it are denied.
    """
    try:
        newest = _newest_closes()
        if not newest or not _is_due(newest):
            return None
        found = returns.common(_series(newest), instruments.session_rules().values())
    except StoreUnavailable as error:
        log.warning("no new covariance: %s", error)
        return None
    except NoCovariance as error:
        log.info("no new covariance: %s", error)
        return None
    return _keep(found)


def _newest_closes() -> dict[str, date]:
    """Return by instrument the last day of which the close is announced."""
    rules = instruments.session_rules()
    marks = history.closed_through(Timeframe.H1) | history.closed_through(Timeframe.D1)
    return {
        name: returns.last_day(closed_at, rules.values())
        for name, closed_at in marks.items()
        if name in rules
    }


def _is_due(newest: Mapping[str, date]) -> bool:
    held, last = covariances.current(), max(newest.values())
    if held is None or held.as_of < last:
        return len(set(newest.values())) == 1 or clock.desk_now() - returns.closes_at(last) > LATE
    # A price may have got its history since: it need not wait for the next close.
    lacking = returns.wanted(newest, instruments.specs(), settings.MTQ_BASE_CURRENCY) - set(held.factors)
    return bool(lacking) and _patience.is_over()


class _Patience:
    """Some factors never come: a currency without a rate. They are looked for now and then."""

    def __init__(self) -> None:
        self._again_at = float("-inf")

    def is_over(self) -> bool:
        if time.monotonic() < self._again_at:
            return False
        self._again_at = time.monotonic() + LACKING_EVERY_S
        return True


_patience = _Patience()


def _series(names: Iterable[str]) -> dict[str, dict[date, float]]:
    closes = {name: _closes(name) for name in names}
    return returns.series(closes, instruments.specs(), settings.MTQ_BASE_CURRENCY)


def _closes(name: str) -> dict[date, float]:
    """Return the mid close of each whole day: of the venue's daily bars, or of our own where there are."""
    daily, hourly = (history.marks(timeframe).get(name) for timeframe in (Timeframe.D1, Timeframe.H1))
    timeframe, mark = (Timeframe.D1, daily) if daily or not hourly else (Timeframe.H1, hourly)
    if mark is None:
        return {}
    found = _by_day(history.days(name, until=mark.closed_at, count=KEPT_DAYS + 1))
    try:
        found |= _by_day(history.window(name, timeframe, until=mark.closed_at, count=BARS[timeframe]))
    except NoHistory as error:
        log.info("only the venue's own days of %s are there: %s", name, error)
    ended = returns.day_of(mark.closed_at)
    return {day: close for day, close in found.items() if day < ended}


def _by_day(window: BarWindow) -> dict[date, float]:
    """Return the last close of each day; a daily bar that does not open at 17:00 New York is none of ours."""
    opens = [from_us(int(at)) for at in window.open_at.astype("datetime64[us]").astype(np.int64)]
    return {
        returns.day_of(opened): float(close)
        for opened, close in zip(opens, window.mid("close"), strict=True)
        if window.timeframe is not Timeframe.D1 or sessions.bucket_open(Timeframe.D1, opened) == opened
    }


def _keep(found: Returns) -> int | None:
    held = covariances.current()
    if held is not None and held.as_of >= found.days[-1] and set(held.factors) >= set(found.factors):
        return None  # nothing was newer after all: a holiday, or a price that still lacks its history
    lately = found.values[-COVARIANCE_DAYS:]
    matrix, raised = matrices.repaired(matrices.ewma(lately))
    newest = Covariance.objects.values_list("version", flat=True).first() or 0
    row = Covariance(
        version=newest + 1,
        base=settings.MTQ_BASE_CURRENCY,
        factors=list(found.factors),
        matrix=matrix.tolist(),
        returns=found.values.tolist(),
        days=[day.isoformat() for day in found.days],
        days_used=len(lately),
        raised=raised,
        first_day=found.days[-len(lately)],
        last_day=found.days[-1],
        valid_until=valid_until(found.days[-1], instruments.session_rules().values()),
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # another worker was first
        return None
    finally:
        covariances.forget()
    log.info(
        "covariance %d: %d factors, %d days to %s", row.version, len(found.factors), len(lately), row.last_day
    )
    return row.version
