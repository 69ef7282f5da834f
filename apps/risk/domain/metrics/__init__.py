"""Figures of risk over books and daily returns: covariance, sigma, value at risk, expected shortfall."""

from apps.risk.domain.metrics.covariance import Covariance
from apps.risk.domain.metrics.exposure import currency, exposures, instrument, order_exposures, total
from apps.risk.domain.metrics.sigma import limited, parametric_es, parametric_var, rounded_up, sigma, worst

__all__ = [
    "Covariance",
    "currency",
    "exposures",
    "instrument",
    "limited",
    "order_exposures",
    "parametric_es",
    "parametric_var",
    "rounded_up",
    "sigma",
    "total",
    "worst",
]
