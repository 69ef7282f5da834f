"""The desk's day and the nights that swap is charged for, for whole histories at once.

A day ends at 17:00 New York. Swap is charged then, Monday to Friday, and counts three nights on Wednesday.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from apps.marketdata.domain.bar import FloatArray, TimeArray, Timeframe
from apps.marketdata.domain.sessions import NEW_YORK

_DAY_S = 86_400
_ROLL_S = 17 * 3600
# Nights charged from Monday up to each weekday's roll; day 0 of the epoch was a Thursday.
_IN_WEEK = np.cumsum([1, 1, 3, 1, 1, 0, 0])
_MONDAY_SHIFT = 3


def rolls(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the local day whose 17:00 was the last one at or before each moment."""
    days = seconds // _DAY_S
    unique, place = np.unique(days, return_inverse=True)
    offsets = np.array([_offset_s(int(day)) for day in unique], dtype=np.int64)[place]
    return (seconds + offsets - _ROLL_S) // _DAY_S


def trading_days(open_at: TimeArray) -> NDArray[np.int64]:
    """Return the number of the desk's day in which each bar opens."""
    return rolls(_seconds(open_at)) + 1


def nights(open_at: TimeArray, timeframe: Timeframe) -> FloatArray:
    """Return the nights charged after each bar's open up to the next one; the last ends at its close."""
    opens = _seconds(open_at)
    ends = np.append(opens[1:], opens[-1:] + timeframe.minutes * 60)
    return (_charged(rolls(ends)) - _charged(rolls(opens))).astype(np.float64)


def _charged(days: NDArray[np.int64]) -> NDArray[np.int64]:
    weeks, weekday = np.divmod(days + _MONDAY_SHIFT, 7)
    charged: NDArray[np.int64] = weeks * _IN_WEEK[-1] + _IN_WEEK[weekday]
    return charged


def _seconds(at: TimeArray) -> NDArray[np.int64]:
    return at.astype("datetime64[s]").astype(np.int64)


def _offset_s(day: int) -> int:
    # Read at 23:00 UTC: the clock changes on Sunday morning, while the market is closed.
    at = datetime(1970, 1, 1, 23, tzinfo=UTC) + timedelta(days=day)
    return int((at.astimezone(NEW_YORK).utcoffset() or timedelta()).total_seconds())
