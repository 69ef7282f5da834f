"""Where each instrument began its trading day, 17:00 New York: kept for a minute of wall time.

A store that did not answer is left alone for a moment: quotes, which only lack this figure, must not wait.
"""

import threading
import time
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from apps.marketdata import history
from apps.marketdata.domain import sessions
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.errors import StoreUnavailable
from apps.marketdata.stores.base import Series

KEPT_S = 60.0
AGAIN_AFTER_S = 5.0
# Which bars a day may begin with, the finest first, and how long after the roll its first one may open.
FINEST = (Timeframe.M1, Timeframe.M5, Timeframe.M15, Timeframe.H1)
LATEST = timedelta(hours=4)

_lock = threading.Lock()
_held: dict[tuple[str, str, datetime], tuple[float, Decimal | None]] = {}
_silent_until: dict[str, float] = {}  # by run, monotonic


def opening(instrument: str, *, now: datetime, tick: Decimal) -> Decimal | None:
    """Return the mid at which the day's first closed bar opened, None where there is none.

    `now` is desk time; the price is rounded to half a `tick`. Raise StoreUnavailable.
    """
    day = sessions.bucket_open(Timeframe.D1, now)
    key = (settings.MTQ_RUN, instrument, day)
    with _lock:
        held = _held.get(key)
    if held is not None and time.monotonic() - held[0] < KEPT_S:
        return held[1]
    found = _ask(instrument, day, tick)
    with _lock:
        for old in [old for old in _held if old[1] == instrument]:
            del _held[old]
        _held[key] = (time.monotonic(), found)
    return found


def forget() -> None:
    """Ask the store again next time."""
    with _lock:
        _held.clear()
        _silent_until.clear()


def _ask(instrument: str, day: datetime, tick: Decimal) -> Decimal | None:
    if time.monotonic() < _silent_until.get(settings.MTQ_RUN, 0.0):
        raise StoreUnavailable("the store of bars did not answer a moment ago")
    try:
        return _first_mid(instrument, day, tick)
    except StoreUnavailable:
        _silent_until[settings.MTQ_RUN] = time.monotonic() + AGAIN_AFTER_S
        raise


def _first_mid(instrument: str, day: datetime, tick: Decimal) -> Decimal | None:
    for timeframe in FINEST:
        mark = history.marks(timeframe).get(instrument)
        if mark is None:
            continue
        last = min(day + LATEST, sessions.bucket_open(timeframe, mark.closed_at))
        if last <= day:
            return None
        series = Series(
            source=settings.MTQ_RUN, instrument=instrument, timeframe=timeframe, native=mark.native
        )
        bars = history.store().range(series, first=day, last=last)
        return _in_ticks(bars.mid("open")[0], tick) if len(bars) else None
    return None


def _in_ticks(mid: float, tick: Decimal) -> Decimal | None:
    return None if mid != mid else round(Decimal(mid) / (tick / 2)) * (tick / 2)  # noqa: PLR0124 (not a number)
