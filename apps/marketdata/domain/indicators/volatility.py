"""How much prices move."""

import numpy as np

from apps.marketdata.domain.bar import FloatArray
from apps.marketdata.domain.indicators.rolling import lagged, ratio, rolling_mean, rolling_std, without_noise


def true_range(high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """Return the bar's range, widened to the close before it; the first row is NaN."""
    before = lagged(close, 1)
    widened: FloatArray = np.maximum(high, before) - np.minimum(low, before)
    return widened


def average_true_range(high: FloatArray, low: FloatArray, close: FloatArray, rows: int) -> FloatArray:
    """Return the simple mean of the true range, in price units."""
    return rolling_mean(true_range(high, low, close), rows)


def z_score(values: FloatArray, rows: int) -> FloatArray:
    """Return the distance from the mean in standard deviations of the rows.

    Bollinger's bands are at -2 and 2.
    """
    mean = rolling_mean(values, rows)
    return ratio(values - mean, without_noise(rolling_std(values, rows), mean))
