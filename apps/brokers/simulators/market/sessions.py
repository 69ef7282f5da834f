"""When the venue is open, by New York's wall clock, and when it charges swaps."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from apps.brokers.simulators.market.instruments import Kind

DAY_S = 86_400
WEEK_MINUTES = 7 * 1440
NEW_YORK = ZoneInfo("America/New_York")
_CLOSE = 17 * 60  # minute of the New York day at which FX closes, rolls over and opens
_FRIDAY, _SUNDAY, _WEDNESDAY = 4, 6, 2


@lru_cache(maxsize=4096)
def offset_s(zone: str, day: int) -> int:
    """Seconds that `zone` ("NY", "NY+7", "UTC" or a zone name) is ahead of UTC on the UTC day number `day`.

    Read at 23:00 UTC: the clock changes fall into the closed weekend, so every open minute of the day agrees.
    """
    at = datetime.fromtimestamp(day * DAY_S + 23 * 3600, UTC)
    name, _, hours = zone.partition("+")
    info = NEW_YORK if name == "NY" else ZoneInfo(name)
    shift = at.astimezone(info).utcoffset() or timedelta()
    return int(shift.total_seconds()) + int(hours or 0) * 3600


def _open_week(kind: Kind) -> NDArray[np.bool_]:
    """Open minutes of a New York week that begins on Monday 00:00."""
    minutes = np.arange(WEEK_MINUTES)
    weekday, minute = minutes // 1440, minutes % 1440
    after_close = (weekday == _FRIDAY) & (minute >= _CLOSE)
    before_open = (weekday == _SUNDAY) & (minute < _CLOSE)
    is_open: NDArray[np.bool_] = ~(after_close | (weekday == 5) | before_open)
    if kind == "metal":
        is_open &= (minute < _CLOSE) | (minute >= _CLOSE + 60)
    return is_open


_WEEKS: dict[Kind, NDArray[np.bool_]] = {kind: _open_week(kind) for kind in ("fx", "metal", "index", "share")}


def open_minutes(kind: Kind, day: int) -> NDArray[np.bool_]:
    """Tell for each of the 1440 UTC minutes of a day whether an instrument of that kind trades."""
    # Day 0 was a Thursday: three days after a Monday.
    first = (day + 3) * 1440 + offset_s("NY", day) // 60
    minutes: NDArray[np.bool_] = _WEEKS[kind][(first + np.arange(1440)) % WEEK_MINUTES]
    return minutes


def is_open(kind: Kind, at_s: int) -> bool:
    day, rest = divmod(at_s, DAY_S)
    return bool(open_minutes(kind, day)[rest // 60])


def next_open(kind: Kind, at_s: int) -> int:
    """Return `at_s` when open, else the second at which the instrument opens next."""
    day, rest = divmod(at_s, DAY_S)
    if open_minutes(kind, day)[rest // 60]:
        return at_s
    found = np.flatnonzero(open_minutes(kind, day)[rest // 60 :])
    start = rest // 60
    while not found.size:
        day, start = day + 1, 0
        found = np.flatnonzero(open_minutes(kind, day))
    return day * DAY_S + (start + int(found[0])) * 60


def rollovers(after_s: int, until_s: int) -> Iterator[tuple[int, int]]:
    """Yield (second, nights) of every 17:00 New York, Mon-Fri in (after_s, until_s]; 3 on Wednesday."""
    for day in range(after_s // DAY_S, until_s // DAY_S + 1):
        at = day * DAY_S + _CLOSE * 60 - offset_s("NY", day)
        weekday = (day + 3) % 7
        if after_s < at <= until_s and weekday <= _FRIDAY:
            yield at, 3 if weekday == _WEDNESDAY else 1


def trading_day(at_s: int) -> int:
    """Return the number of the day that ends at the next 17:00 New York."""
    return (at_s + offset_s("NY", at_s // DAY_S) + 7 * 3600) // DAY_S
