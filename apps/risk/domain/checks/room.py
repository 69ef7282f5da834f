"""Checks of room: what the order and what the scope would hold with it, against the limits."""

from collections.abc import Callable
from decimal import Decimal

from apps.portfolio.domain.order import OrderRequest
from apps.risk.domain.checks.check import PASSED, At, Context, Finding, Judge
from apps.risk.domain.limits import Limit, Metric, MissingLimit, Unit
from apps.risk.domain.verdict import shown

Use = Callable[[OrderRequest, Context, At, str], Decimal]


def under(metric: Metric, at: At, use: Use, *, required: bool = True) -> Judge:
    """Make the check that a use stays at or under every limit of its scope; equal passes."""

    def judge(request: OrderRequest, context: Context) -> Finding:
        try:
            limits = context.tightest(at, metric, request)
        except MissingLimit:
            if required:
                raise
            return PASSED
        findings = [_compare(limit, hard, request, context) for limit, hard in limits]
        return next((found for found in findings if found.reason), findings[0])

    def _compare(limit: Limit, hard: Decimal, request: OrderRequest, context: Context) -> Finding:
        value = use(request, context, at, limit.instrument)
        over = value < hard if metric.is_floor else value > hard
        return Finding(
            reason=metric.value if over else "",
            value=value,
            limit=hard,
            unit="money" if limit.unit is Unit.EQUITY else limit.unit.value,
            text=f"{metric} of {context.scopes[at]} would be {shown(value)}, {shown(hard)} allowed"
            if over
            else "",
            soft=not over and _is_soft(limit, value, hard),
        )

    return judge


def _is_soft(limit: Limit, value: Decimal, hard: Decimal) -> bool:
    if limit.soft is None:
        return False
    soft = limit.soft * (hard / limit.hard)  # the same unit as the hard figure
    return value < soft if limit.metric.is_floor else value > soft


def order_size(request: OrderRequest, _context: Context, _at: At, _only: str) -> Decimal:
    return request.quantity


def order_value(request: OrderRequest, context: Context, _at: At, _only: str) -> Decimal:
    return context.order_value(request)


def position(request: OrderRequest, context: Context, at: At, _only: str) -> Decimal:
    """Return the lots that the scope could hold on either side with this order."""
    after = context.after(at, request)
    return max(after.worst_long(request.instrument), after.worst_short(request.instrument))


def gross(request: OrderRequest, context: Context, at: At, only: str) -> Decimal:
    return context.after(at, request, instrument=only).gross(context.market.good, context.specs)


def net(request: OrderRequest, context: Context, at: At, only: str) -> Decimal:
    return context.after(at, request, instrument=only).net(context.market.good, context.specs)


def open_orders(request: OrderRequest, context: Context, at: At, only: str) -> Decimal:
    """Return the open orders of the scope, this one included."""
    book = context.at(at, request)
    return Decimal(1 + sum(1 for order in book.open_orders if only in {"", order.instrument}))


def free_margin(request: OrderRequest, context: Context, _at: At, _only: str) -> Decimal:
    """Return equity less the loss up to the worst price less the margin with this order."""
    used = context.after(At.ACCOUNT, request).margin_used(context.market.good, context.specs)
    return context.equity() - context.worst_loss(request) - used
