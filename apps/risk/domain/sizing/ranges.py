"""Wilder's average true range (New Concepts in Technical Trading Systems, 1978), as TA-Lib computes it.

It remembers every bar since its first, each a little less: it is no indicator that agents see, whose memory
ends. In float64, as all market history.
"""

import numpy as np

from apps.marketdata.domain.bar import FloatArray
from apps.marketdata.domain.indicators.volatility import true_range

ROWS = 14


def wilder_range(high: FloatArray, low: FloatArray, close: FloatArray, rows: int = ROWS) -> FloatArray:
    """Return the average true range of each bar, shape (n,), in price units; NaN before `rows` ranges.

    The first is the plain mean of the first `rows` true ranges, each later one
    (before x (rows - 1) + true range) / rows.
    """
    ranges = true_range(high, low, close)
    average = np.full_like(ranges, np.nan)
    if len(ranges) <= rows:
        return average
    average[rows] = ranges[1 : rows + 1].mean()
    for row in range(rows + 1, len(ranges)):
        average[row] = (average[row - 1] * (rows - 1) + ranges[row]) / rows
    return average
