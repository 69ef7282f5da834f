"""Value at risk and expected shortfall of what is held, from the days that were."""

import numpy as np
from numpy.typing import NDArray

from apps.risk.domain.metrics.exposure import Exposures
from apps.risk.domain.metrics.returns import FEWEST_DAYS, Returns
from apps.risk.errors import NoCovariance

CONFIDENCE = 0.99

Array = NDArray[np.float64]


def vector(factors: tuple[str, ...], amounts: Exposures) -> Array:
    """Return exposures in the order of the factors. Raise NoCovariance for one that is not among them."""
    at = {factor: place for place, factor in enumerate(factors)}
    x = np.zeros(len(at))
    for factor, amount in amounts.items():
        if amount:
            if factor not in at:
                raise NoCovariance(factor)
            x[at[factor]] = float(amount)
    return x


def losses(returns: Returns, amounts: Exposures) -> Array:
    """Return what the exposures would have lost on each day, as positive money; a gain is negative."""
    lost: Array = -(np.expm1(returns.values) @ vector(returns.factors, amounts))
    return lost


def historical_var(lost: Array) -> float:
    """Return the 99 % quantile of (days,) losses by the rule `inverted_cdf`: always a loss that was.

    It is negative where even that day was a gain. Raise NoCovariance under 60 days.
    """
    if len(lost) < FEWEST_DAYS:
        raise NoCovariance(f"{len(lost)} days are too few for a quantile")
    return float(np.quantile(lost, CONFIDENCE, method="inverted_cdf"))


def historical_es(lost: Array) -> float:
    """Return the mean of the losses at or beyond the historical value at risk."""
    return float(lost[lost >= historical_var(lost)].mean())
