"""What both sides count: made up from a seed, so that every run compares the same numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SEED = 20260107
DEVIATIONS = np.array([0.005, 0.006, 0.0055, 0.011])
TOGETHER = np.array(
    [[1.0, 0.7, -0.5, 0.3], [0.7, 1.0, -0.4, 0.2], [-0.5, -0.4, 1.0, -0.3], [0.3, 0.2, -0.3, 1.0]]
)

_rng = np.random.default_rng(SEED)
MOVES: Array = _rng.multivariate_normal(np.full(4, 2e-4), TOGETHER * np.outer(DEVIATIONS, DEVIATIONS), 250)
WEIGHTS: Array = np.array([250_000.0, -120_000.0, 90_000.0, 40_000.0])
# Of 500 and 137 days one per cent is whole, or nearly; 401 and 301 make percentiles fall on a day.
GAINS: dict[int, Array] = {
    days: _rng.standard_t(4, days) * 800 + 20 for days in (60, 137, 301, 401, 450, 500)
}
EQUITY: Array = 100_000 * np.exp(np.cumsum(_rng.normal(2e-4, 0.008, 300)))
CLOSES: Array = 1.1 * np.exp(np.cumsum(_rng.normal(0, 0.006, (120, 3)), axis=0))
# Unit variances, an eigenvalue a little below nought: pairs that cannot all be true.
BROKEN: Array = np.array([[1.0, 0.6, 0.0], [0.6, 1.0, 0.8], [0.0, 0.8, 1.0]])
BROKEN[0, 1] = BROKEN[1, 0] = 0.6 + 1e-11


def inputs(matrix: Array) -> dict[str, Any]:
    """Return everything as JSON takes it; `matrix` is the covariance that exposures are measured by."""
    return {
        "moves": MOVES.tolist(),
        "weights": WEIGHTS.tolist(),
        "matrix": matrix.tolist(),
        "gains": {str(days): values.tolist() for days, values in GAINS.items()},
        "equity": EQUITY.tolist(),
        "closes": CLOSES.tolist(),
        "broken": BROKEN.tolist(),
    }
