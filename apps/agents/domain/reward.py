"""What an agent is rewarded for while it learns."""

import numpy as np

from apps.marketdata.domain.bar import FloatArray

WORST = 0.01  # what counts as left of equity when less than that is: the logarithm of nothing is no number


def log_growth(before: FloatArray, after: FloatArray, *, unit: float) -> FloatArray:
    """Return the change of log equity over one bar, in units of a usual bar's change; shape (n,).

    Its sum is the log of terminal wealth, the objective that Kelly (1956) derives for repeated bets and
    that Moody, Wu, Liao and Saffell (J. of Forecasting 17, 1998) train trading systems on. `unit` only
    scales it, so that the value network learns numbers near one on every market. Equity must be positive
    before; NaN comes through, and training stops on it.
    """
    return np.log(np.maximum(after, before * WORST) / before) / unit
