"""Sums, means and extremes over the last n rows."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from apps.marketdata.domain.bar import FloatArray


def lagged(values: FloatArray, rows: int) -> FloatArray:
    """Return the value `rows` rows ago."""
    shifted = np.full_like(values, np.nan)
    if rows < len(values):
        shifted[rows:] = values[: len(values) - rows]
    return shifted


def rolling_sum(values: FloatArray, rows: int, weights: FloatArray | None = None) -> FloatArray:
    """Return the (weighted) sum of the last rows; `weights[k]` belongs to the value k rows ago.

    A loop over the rows of the window, not a running sum: each output adds the same numbers in the same order
    wherever it stands, and nothing of an older price is left in it.
    """
    total = np.full_like(values, np.nan)
    size = len(values) - rows + 1
    if size <= 0:
        return total
    acc = np.zeros(size)
    for lag in range(rows):
        part = values[rows - 1 - lag : len(values) - lag]
        acc += part if weights is None else part * weights[lag]
    total[rows - 1 :] = acc
    return total


def rolling_mean(values: FloatArray, rows: int) -> FloatArray:
    return rolling_sum(values, rows) / rows


def rolling_std(values: FloatArray, rows: int) -> FloatArray:
    """Return the population standard deviation of the last rows."""
    mean = rolling_mean(values, rows)
    size = len(values) - rows + 1
    deviation = np.full_like(values, np.nan)
    if size <= 0:
        return deviation
    acc = np.zeros(size)
    for lag in range(rows):
        acc += (values[rows - 1 - lag : len(values) - lag] - mean[rows - 1 :]) ** 2
    deviation[rows - 1 :] = np.sqrt(acc / rows)
    return deviation


def rolling_max(values: FloatArray, rows: int) -> FloatArray:
    highest = np.full_like(values, np.nan)
    if len(values) >= rows:
        highest[rows - 1 :] = sliding_window_view(values, rows).max(axis=1)
    return highest


def rolling_min(values: FloatArray, rows: int) -> FloatArray:
    return -rolling_max(-values, rows)


def ratio(top: FloatArray, bottom: FloatArray, *, otherwise: float = 0.0) -> FloatArray:
    """Divide; where the bottom is zero the result is `otherwise`. NaN stays NaN."""
    is_zero = bottom == 0
    divided: FloatArray = top / np.where(is_zero, 1.0, bottom)
    return np.where(is_zero & ~np.isnan(top), otherwise, divided)


def without_noise(spread: FloatArray, level: FloatArray) -> FloatArray:
    """Return a measure of spread with rounding noise set to zero.

    Below 1e-12 of the level nothing has moved.
    """
    return np.where(spread <= 1e-12 * np.abs(level), 0.0, spread)
