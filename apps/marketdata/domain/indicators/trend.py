"""Where prices have been going."""

import numpy as np

from apps.marketdata.domain.bar import FloatArray
from apps.marketdata.domain.indicators.rolling import lagged, ratio, rolling_mean, rolling_sum

EMA_SPANS = 3  # an exponential average looks back three spans: 0.25 % of its weight would lie before that


def ema_rows(span: int) -> int:
    return EMA_SPANS * span


def ema(values: FloatArray, span: int) -> FloatArray:
    """Return the exponential average (alpha 2 / (span + 1)), cut off after three spans and renormalised."""
    rows = ema_rows(span)
    weights = (1 - 2 / (span + 1)) ** np.arange(rows)
    return rolling_sum(values, rows, weights / weights.sum())


def macd(close: FloatArray, *, fast: int = 12, slow: int = 26) -> FloatArray:
    """Return the fast exponential average less the slow one, in price units."""
    return ema(close, fast) - ema(close, slow)


def efficiency(close: FloatArray, rows: int) -> FloatArray:
    """Return the net move of the last rows as a share of the way walked.

    1 is a straight line, 0 no progress.
    """
    walked = rolling_sum(np.abs(close - lagged(close, 1)), rows)
    return ratio(np.abs(close - lagged(close, rows)), walked)


def directional(high: FloatArray, low: FloatArray, rows: int) -> FloatArray:
    """Return (up - down) / (up + down) moves of the highs and lows over the rows, as in Wilder's DI."""
    up, down = high - lagged(high, 1), lagged(low, 1) - low
    rises = rolling_sum(np.where(np.isnan(up), np.nan, np.where((up > down) & (up > 0), up, 0.0)), rows)
    falls = rolling_sum(np.where(np.isnan(down), np.nan, np.where((down > up) & (down > 0), down, 0.0)), rows)
    return ratio(rises - falls, rises + falls)


def gap_to_mean(close: FloatArray, rows: int) -> FloatArray:
    """Return close less its simple average, in price units."""
    return close - rolling_mean(close, rows)
