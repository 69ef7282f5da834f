"""Checks of the portfolio's deviation: sigma, value at risk and expected shortfall, against their limits.

Of an account they are worked out on its book; of desk and source on the newest snapshot, what was permitted
since, and this order on its own: figures that add up to no less than the true one.
"""

from collections.abc import Callable
from decimal import Decimal

from apps.portfolio.domain.order import OrderRequest
from apps.risk.domain.checks.check import At, Context
from apps.risk.domain.checks.missing import Missing
from apps.risk.domain.checks.room import Use
from apps.risk.domain.metrics import (
    Covariance,
    order_exposures,
    parametric_es,
    parametric_var,
    sigma,
    worst,
)
from apps.risk.domain.surroundings import SnapshotFigures
from apps.risk.errors import NoCovariance

Scaled = Callable[[Decimal], Decimal]


def covariance_of(context: Context) -> Covariance:
    """Return the covariance in force. Raise Missing where there is none or it is stale."""
    found = context.covariance
    if found is None or context.covariance_fault:
        reason = context.covariance_fault or "no_covariance"
        raise Missing(reason, "there is no covariance of daily returns to judge by")
    if found.is_stale(context.now):
        raise Missing("stale_covariance", f"the covariance of {found.as_of} is stale")
    return found


def alone(request: OrderRequest, context: Context) -> Decimal:
    """Return sigma of this order by itself, in base currency: what it adds to a snapshot at the most."""

    def measure() -> Decimal:
        order, base = context.candidate(request), context.around.base_currency
        amounts = order_exposures(order, context.market.good, context.specs, base)
        return sigma(covariance_of(context), amounts)

    return _told(lambda: context.once("sigma alone", request, measure))


def added(request: OrderRequest, context: Context) -> Decimal | None:
    """Return what an order adds to figures that a snapshot measures; None where nothing can tell."""
    try:
        return alone(request, context)
    except (Missing, ArithmeticError):
        return None


def measured(scale: Scaled, of: Callable[[SnapshotFigures], Decimal | None]) -> Use:
    """Make the use of a figure that is `scale` of sigma; `of` takes it from a snapshot, in base currency."""

    def use(request: OrderRequest, context: Context, at: At, _only: str) -> Decimal:
        if at is At.ACCOUNT:
            return context.owed_of_base(scale(_worst(request, context, at)), at)
        known = context.snapshot(at)
        figure = None if known is None else of(known)
        if known is None or figure is None:
            if _is_all_here(context, at):
                return scale(_worst(request, context, at))
            raise Missing("no_snapshot", f"no snapshot tells what {context.scopes[at]} holds")
        # Each entry on its own: sigma of a sum is never above the sum of sigmas.
        return figure + scale(known.pending_sigma) + scale(alone(request, context))

    return use


def _is_all_here(context: Context, at: At) -> bool:
    """Tell whether the scope holds nothing outside of this account's book."""
    return context.around.alone if at is At.DESK else not context.around.elsewhere


def _worst(request: OrderRequest, context: Context, at: At) -> Decimal:
    def measure() -> Decimal:
        return worst(
            covariance_of(context),
            context.at(at, request),
            context.market.good,
            context.specs,
            base=context.around.base_currency,
            order=context.candidate(request),
        )

    part = "own" if at is At.SOURCE else "all"
    return _told(lambda: context.once(f"sigma {part}", request, measure))


def _told(measure: Callable[[], Decimal]) -> Decimal:
    try:
        return measure()
    except NoCovariance as error:
        raise Missing("no_covariance", f"the covariance does not know {error}") from error


deviation = measured(lambda figure: figure, lambda known: known.sigma)
value_at_risk = measured(parametric_var, lambda known: known.var)
expected_shortfall = measured(parametric_es, lambda known: known.es)
