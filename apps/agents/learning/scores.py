"""Figures of an equity path. Days are the desk's, which end at 17:00 New York."""

import numpy as np
from numpy.typing import NDArray

from apps.marketdata.domain.bar import FloatArray

DAYS_A_YEAR = 252
POINTS = 400


def day_ends(day: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the last row of each day."""
    return np.flatnonzero(np.append(day[1:] != day[:-1], [True]))


def daily_returns(equity: FloatArray, day: NDArray[np.int64], *, start: float) -> FloatArray:
    """Return each day's net profit over the capital at its beginning; `equity` has shape (rows,)."""
    at_ends = np.concatenate(([start], equity[day_ends(day)]))
    before = at_ends[:-1]
    return np.divide(np.diff(at_ends), before, out=np.zeros_like(before), where=before > 0)


def sharpe(returns: FloatArray) -> float | None:
    """Return mean over sample deviation, to the year; None where there are fewer than two moving days."""
    if len(returns) < 2:
        return None
    deviation = float(np.std(returns, ddof=1))
    if deviation <= 1e-15:
        return None
    return float(np.mean(returns) / deviation * np.sqrt(DAYS_A_YEAR))


def drawdowns(equity: FloatArray, *, start: float) -> FloatArray:
    """Return how far each value lies below the peak so far, as a share of that peak."""
    peak = np.maximum.accumulate(np.maximum(equity, start))
    shares: FloatArray = (peak - equity) / peak
    return shares


def thinned(rows: int) -> NDArray[np.intp]:
    """Return the first rows of at most POINTS even stretches."""
    return np.unique(np.linspace(0, rows, min(rows, POINTS), endpoint=False).astype(np.intp))
