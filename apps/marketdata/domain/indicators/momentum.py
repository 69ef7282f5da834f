"""How fast prices move, and where they stand in their range."""

import numpy as np

from apps.marketdata.domain.bar import FloatArray
from apps.marketdata.domain.indicators.rolling import (
    lagged,
    ratio,
    rolling_max,
    rolling_mean,
    rolling_min,
    rolling_sum,
    without_noise,
)


def log_return(close: FloatArray, rows: int) -> FloatArray:
    """Return log(close / close `rows` rows ago)."""
    return np.log(close / lagged(close, rows))


def rsi(close: FloatArray, rows: int) -> FloatArray:
    """Return gains / (gains + losses) of the last rows, simple sums, in 0 .. 1; 0.5 where nothing moved."""
    step = close - lagged(close, 1)
    gains = rolling_sum(np.where(np.isnan(step), np.nan, np.maximum(step, 0.0)), rows)
    losses = rolling_sum(np.where(np.isnan(step), np.nan, np.maximum(-step, 0.0)), rows)
    return ratio(gains, gains + losses, otherwise=0.5)


def place_in_range(close: FloatArray, high: FloatArray, low: FloatArray, rows: int) -> FloatArray:
    """Return where the close stands between the lowest low and highest high of the rows, 0 .. 1."""
    lowest = rolling_min(low, rows)
    return ratio(close - lowest, rolling_max(high, rows) - lowest, otherwise=0.5)


def commodity_channel(high: FloatArray, low: FloatArray, close: FloatArray, rows: int) -> FloatArray:
    """Return the typical price's distance from its mean in mean absolute deviations."""
    typical = (high + low + close) / 3
    mean = rolling_mean(typical, rows)
    size = len(typical) - rows + 1
    deviation = np.full_like(typical, np.nan)
    if size > 0:
        acc = np.zeros(size)
        for lag in range(rows):
            acc += np.abs(typical[rows - 1 - lag : len(typical) - lag] - mean[rows - 1 :])
        deviation[rows - 1 :] = acc / rows
    return ratio(typical - mean, without_noise(deviation, mean))
