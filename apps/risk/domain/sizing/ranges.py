"""How much prices move, over the closed bars that a sizer measures by. In float64, as all market history.

Wilder's average true range (New Concepts in Technical Trading Systems, 1978) is as TA-Lib computes it. It
remembers every bar since its first, each a little less: it is no indicator that agents see, whose memory
ends.
"""

import numpy as np

from apps.marketdata.domain.bar import FloatArray
from apps.marketdata.domain.indicators.volatility import true_range

ROWS = 14


def scaled_deviation(closes: FloatArray, periods: float) -> float:
    """Return the sample deviation (ddof 1) of log returns, scaled to so many periods by their square root."""
    return float(np.std(np.diff(np.log(closes)), ddof=1)) * float(periods**0.5)


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
