"""What pages show of a scope beside the figures of limits: three methods, exposures, correlations."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from apps.risk import covariances
from apps.risk.breakers.writing import kept
from apps.risk.covariances import Estimate
from apps.risk.domain import metrics
from apps.risk.domain.metrics import covariance, tail
from apps.risk.domain.metrics.exposure import Exposures
from apps.risk.errors import NoCovariance
from apps.risk.snapshots.reading import Reading

HISTORICAL, NORMAL, EWMA = "historical", "normal", "ewma"
Figures = dict[str, Any]


def figures_of(reading: Reading) -> Figures:
    """Return JSON as `apps.risk.gauges.ScopeRisk` describes it; empty without marks for all positions.

    Value at risk and expected shortfall are of one day at 99 %, of positions alone: `historical` of up to 500
    days, `normal` with equal weights over the same days, `ewma` over 250.
    """
    if reading.exposure is None:
        return {}
    held = {factor: amount for factor, amount in reading.exposure.held.items() if amount}
    found = covariances.estimate()
    shown: Figures = {
        "days": len(found.returns.days) if found else 0,
        "factors": {factor: _text(amount) for factor, amount in sorted(held.items())},
        "instruments": {name: _text(value) for name, value in sorted(reading.exposure.values.items())},
    }
    if found is None:
        return shown
    return shown | _tails(found, held) | {"correlation": _correlation(found, held)}


def _tails(found: Estimate, held: Exposures) -> Figures:
    equal = replace(found.covariance, matrix=covariance.equal(found.returns.values))
    ways: dict[str, Callable[[], tuple[Decimal, Decimal]]] = {
        HISTORICAL: lambda: _historical(found, held),
        NORMAL: lambda: _parametric(metrics.sigma(equal, held)),
        EWMA: lambda: _parametric(metrics.sigma(found.covariance, held)),
    }
    var, es = {}, {}
    for name, way in ways.items():
        try:
            var[name], es[name] = (_text(figure) for figure in way())
        except (NoCovariance, ArithmeticError):
            var[name] = es[name] = ""
    return {"var": var, "es": es}


def _historical(found: Estimate, held: Exposures) -> tuple[Decimal, Decimal]:
    lost = tail.losses(found.returns, held)
    return metrics.rounded_up(tail.historical_var(lost)), metrics.rounded_up(tail.historical_es(lost))


def _parametric(deviation: Decimal) -> tuple[Decimal, Decimal]:
    return metrics.parametric_var(deviation), metrics.parametric_es(deviation)


def _correlation(found: Estimate, held: Exposures) -> Figures:
    names = [factor for factor in found.covariance.factors if factor in held]
    places = [found.covariance.factors.index(name) for name in names]
    matrix = found.covariance.matrix[np.ix_(places, places)]
    return {"names": names, "rows": covariance.correlation(matrix).tolist()}


def _text(figure: Decimal) -> str:
    return f"{kept(figure).normalize():f}"
