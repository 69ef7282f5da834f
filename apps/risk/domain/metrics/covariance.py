"""The covariance of one day's log returns, as a value that is worked out beforehand."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from apps.risk.errors import NoCovariance

LAMBDA = 0.94
LEAST_EIGENVALUE = 1e-10  # of the largest one

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariance:
    """`matrix` is (n, n) float64 of one-day log returns, repaired, in the order of `factors`.

    A factor is `currency|EUR`, a currency against the base currency, or `instrument|US500`, an instrument in
    its quote currency. `as_of` is the last daily close in it; after `valid_until` (desk time) it is stale.
    """

    version: int
    factors: tuple[str, ...]
    matrix: Array
    as_of: date
    valid_until: datetime

    def is_stale(self, now: datetime) -> bool:
        return now > self.valid_until


def ewma(returns: Array) -> Array:
    """Return the exponentially weighted covariance of (days, n) returns, oldest first, with zero mean.

    The newest day weighs 1, each older one 0.94 of the next, and weights are divided by their sum
    (RiskMetrics Technical Document, 1996, section 5.2, for a finite number of days).
    """
    weights = LAMBDA ** np.arange(len(returns) - 1, -1, -1, dtype=np.float64)
    weighted = returns * (weights / weights.sum())[:, np.newaxis]
    return _symmetric(returns.T @ weighted)


def equal(returns: Array) -> Array:
    """Return the covariance of (days, n) returns with equal weights and zero mean: divided by the days."""
    return _symmetric(returns.T @ returns / len(returns))


def repaired(matrix: Array) -> tuple[Array, int]:
    """Return a matrix that is positive definite with the same variances, and how many eigenvalues rose.

    Eigenvalues below 1e-10 of the largest are raised to it, then the diagonal is scaled back. Raise
    NoCovariance where nothing moved, ArithmeticError where a figure is not finite.
    """
    if not np.isfinite(matrix).all():
        raise ArithmeticError("a covariance is not finite")
    values, vectors = np.linalg.eigh(matrix)
    if values[-1] <= 0:
        raise NoCovariance("no factor has moved")
    least = values[-1] * LEAST_EIGENVALUE
    raised = int((values < least).sum())
    if not raised:
        return matrix, 0
    fixed = (vectors * np.maximum(values, least)) @ vectors.T
    scale = np.sqrt(np.diag(matrix) / np.diag(fixed))
    return _symmetric(fixed * np.outer(scale, scale)), raised


def correlation(matrix: Array) -> Array:
    """Return the correlations of a covariance; those of what never moves are 0, its own is 1."""
    deviation = np.sqrt(np.diag(matrix))
    divisor = np.where(deviation > 0, deviation, 1.0)
    found: Array = np.clip(matrix / np.outer(divisor, divisor), -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return found


def _symmetric(matrix: Array) -> Array:
    symmetric: Array = (matrix + matrix.T) / 2
    return symmetric
