"""Which caps of the desk an entry must fit under once more when it is written: accounts race for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from apps.portfolio.domain.order import OrderRequest
from apps.portfolio.domain.use import figure
from apps.risk.domain.checks.check import At, Context
from apps.risk.domain.limits import Metric, MissingLimit

# Both sides of what nets, since nobody knows which open orders fill.
FIGURES = {
    Metric.GROSS: ("gross",),
    Metric.NET: ("net_long", "net_short"),
    Metric.POSITION: ("position_long", "position_short"),
    Metric.MARGIN: ("margin",),
    Metric.OPEN_ORDERS: ("open_orders",),
    Metric.ENTRIES_DAY: ("entries_day",),
    Metric.VALUE_DAY: ("value_day",),
}

BOUND = (Metric.SIGMA, Metric.VAR, Metric.ES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One cap of the desk on a figure, in the base currency, with the name of the check that judges it."""

    figure: str
    metric: Metric
    hard: Decimal
    version: int
    check: str


def desk_demands(request: OrderRequest, context: Context) -> tuple[Demand, ...]:
    """Return the cap of the desk on each figure that accounts add up to and that this order adds to.

    Of several the tightest: rows of the whole desk and of one instrument may cap the same figure.
    """
    kept: dict[str, Demand] = {}
    for metric, figures in FIGURES.items():
        for demand in _of(metric, figures, request, context):
            kept[demand.figure] = _tighter(demand, kept.get(demand.figure))
    return tuple(kept.values())


def bound_demands(request: OrderRequest, context: Context) -> dict[Metric, Demand]:
    """Return the tightest cap of the desk on each figure that a snapshot measures."""
    kept: dict[Metric, Demand] = {}
    for metric in BOUND:
        for demand in _of(metric, (metric.value,), request, context):
            kept[metric] = _tighter(demand, kept.get(metric))
    return kept


def _tighter(demand: Demand, other: Demand | None) -> Demand:
    return demand if other is None or demand.hard < other.hard else other


def _of(
    metric: Metric, figures: tuple[str, ...], request: OrderRequest, context: Context
) -> Iterator[Demand]:
    try:
        limits = context.tightest(At.DESK, metric, request)
    except MissingLimit:
        return  # the check of this metric denies where it is needed
    for limit, hard in limits:
        for name in figures:
            yield Demand(
                figure=_figure(name, limit.instrument, limit.currency, request.instrument),
                metric=metric,
                hard=hard,
                version=limit.version,
                check=f"{'currency' if limit.currency else metric}_{At.DESK}",
            )


def _figure(name: str, instrument: str, currency: str, of: str) -> str:
    if currency:
        return figure(name.replace("net", "currency"), currency)
    return figure(name, of if name.startswith("position") else instrument)
