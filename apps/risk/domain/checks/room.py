"""Checks of room: what the order and what the scope would hold with it, against the limits.

Money of an account is in its own currency, of the desk and of a source in the desk's base currency.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from apps.portfolio.domain.order import OrderRequest
from apps.portfolio.domain.rates import convert
from apps.portfolio.domain.tariffs import tariff
from apps.portfolio.domain.use import figure
from apps.risk.domain.checks.check import PASSED, At, Context, Finding, Judge
from apps.risk.domain.checks.missing import Missing
from apps.risk.domain.limits import Limit, Metric, MissingLimit, Unit, tightest_of
from apps.risk.domain.verdict import shown

NOTHING, ONE = Decimal(0), Decimal(1)
MONEY = Unit.MONEY.value
# What a scope would use; the last argument is the instrument or currency that a row counts alone, or empty.
Use = Callable[[OrderRequest, Context, At, str], Decimal]
Base = Callable[[Context, At], Decimal]


def of_now(context: Context, at: At) -> Decimal:
    return context.scope_equity(at)


def under(metric: Metric, at: At, use: Use, *, required: bool = True, base: Base = of_now) -> Judge:
    """Make the check that a use stays at or under every limit of its scope; equal passes.

    Limits in equity are multiples of what `base` tells.
    """

    def judge(request: OrderRequest, context: Context) -> Finding:
        found = context.limits.found(context.scopes[at], metric, instrument=request.instrument)
        if required and not found.complete:
            raise MissingLimit(context.scopes[at], metric)
        if found.misfit is not None:
            raise Missing(
                "bad_limit", f"{metric} of {found.misfit.scope} is not measured in {found.misfit.unit}"
            )
        equity = base(context, at) if found.of_equity else ONE
        return _judged(found.rows, use, equity, request, context, at)

    return judge


def currency_under(at: At) -> Judge:
    """Make the check of what a scope would hold of each currency that the order moves; no row is needed."""

    def judge(request: OrderRequest, context: Context) -> Finding:
        rows = context.limits.applying(
            context.scopes[at], Metric.NET, instrument=request.instrument, currencies=context.currencies
        )
        named = tuple(row for row in rows if row.currency)
        equity = of_now(context, at) if any(row.of_equity for row in named) else ONE
        return _judged(named, currency, equity, request, context, at, reason="currency")

    return judge


def _judged(
    rows: tuple[Limit, ...],
    use: Use,
    equity: Decimal,
    request: OrderRequest,
    context: Context,
    at: At,
    *,
    reason: str = "",
) -> Finding:
    """Compare with the tightest row of each kind: the first is of all instruments, if there is one."""
    if len(rows) == 1:  # as a rule, and this runs dozens of times with every order
        return _compare(rows[0], use(request, context, at, rows[0].key), equity, reason)
    found = [
        _compare(limit, use(request, context, at, limit.key), equity, reason)
        for limit in tightest_of(rows, equity=equity)
    ]
    return found[0]._replace(others=tuple(found[1:])) if found else PASSED


def _compare(limit: Limit, value: Decimal, equity: Decimal, reason: str) -> Finding:
    in_equity, is_floor = limit.of_equity, limit.metric.is_floor
    hard = limit.hard * equity if in_equity else limit.hard
    if not (value.is_finite() and hard.is_finite()):
        raise ArithmeticError(f"{limit.metric} is {value}, its limit {hard}")
    unit = MONEY if in_equity else str(limit.unit)
    if not (value < hard if is_floor else value > hard):
        soft = limit.soft is not None and _is_soft(limit, value, equity)
        return Finding(value=value, limit=hard, unit=unit, soft=soft, key=limit.key)
    named = reason or limit.metric.value
    of = f" of {limit.key}" if limit.key else ""
    text = f"{named}{of} in {limit.scope} would be {shown(value)}, {shown(hard)} allowed"
    return Finding(reason=named, value=value, limit=hard, unit=unit, text=text, key=limit.key)


def _is_soft(limit: Limit, value: Decimal, equity: Decimal) -> bool:
    soft = limit.soft_ceiling(equity)
    if soft is None:
        return False
    return value < soft if limit.metric.is_floor else value > soft


def order_size(request: OrderRequest, _context: Context, _at: At, _only: str) -> Decimal:
    return request.quantity


def order_value(request: OrderRequest, context: Context, at: At, _only: str) -> Decimal:
    return context.owed(context.order_value(request), at)


def position(request: OrderRequest, context: Context, at: At, _only: str) -> Decimal:
    """Return the lots of the order's instrument that the scope could hold on either side with it."""
    name = request.instrument
    long, short = (
        context.amount(at, request, figure(side, name)) for side in ("position_long", "position_short")
    )
    return max(long, short)


def summed(name: str) -> Use:
    """Make the use of a figure that adds up, with the order open."""

    def use(request: OrderRequest, context: Context, at: At, only: str) -> Decimal:
        return context.amount(at, request, figure(name, only))

    return use


gross, margin, open_orders = summed("gross"), summed("margin"), summed("open_orders")


def net(request: OrderRequest, context: Context, at: At, only: str) -> Decimal:
    """Return the larger side that filling open entries could leave; nothing nets across accounts."""
    long, short = (context.amount(at, request, figure(side, only)) for side in ("net_long", "net_short"))
    return max(long, short)


def currency(request: OrderRequest, context: Context, at: At, only: str) -> Decimal:
    """Return the larger side of one currency; the scope's own is exposed to no rate."""
    sides = (figure("currency_long", only), figure("currency_short", only))
    long, short = (context.amount(at, request, side) for side in sides)
    return max(long, short)


def entries_day(_request: OrderRequest, context: Context, at: At, only: str) -> Decimal:
    """Return the entries of the trading day, this one included."""
    return _of_day(context.around.entries_today, context.scopes[at], only) + 1


def value_day(request: OrderRequest, context: Context, at: At, only: str) -> Decimal:
    """Return the value of the trading day's entries, this one included; what was counted is base currency."""
    so_far = _of_day(context.around.value_today, context.scopes[at], only)
    return context.owed_of_base(so_far, at) + context.owed(context.order_value(request), at)


def _of_day(counted: Mapping[str, Decimal], scope: str, only: str) -> Decimal:
    """Return what was counted of an instrument alone; where that is not kept all of the scope counts."""
    whole = counted.get(scope, NOTHING)
    return counted.get(figure(scope, only), whole) if only else whole


def free_margin(request: OrderRequest, context: Context, _at: At, _only: str) -> Decimal:
    """Return what would be left: equity, less the loss up to the worst price, commission and all margin.

    Equity is ours at closing prices or the venue's last, whichever is less.
    """
    ours, theirs = context.equity(), context.venue_equity
    equity = ours if theirs is None else min(ours, theirs)
    used = context.own_figures(At.ACCOUNT, request).get("margin", NOTHING)
    return equity - worst_loss(request, context) - commission(request, context) - used


def worst_loss(request: OrderRequest, context: Context) -> Decimal:
    """Return what filling from mid to the worst price costs, as positive account money."""
    quote, terms = context.quote(request.instrument), context.terms(request)
    apart = (terms.worst - quote.mid) * request.side.sign
    lost = max(NOTHING, apart) * request.quantity * context.spec.contract_size
    return -convert(
        -lost,
        source=context.spec.quote_currency,
        target=context.currency(At.ACCOUNT),
        quotes=context.market.good,
    )


def commission(request: OrderRequest, context: Context) -> Decimal:
    """Return what the venue takes for filling the order, in the account's currency. Raise NoTariff."""
    return request.quantity * tariff(request.instrument, version=context.tariff).commission_per_lot


def day_start(context: Context, at: At) -> Decimal:
    """Return the equity that the day's loss is a share of, in the scope's currency."""
    if at is At.ACCOUNT:
        return context.day_start()
    desk = context.around.snapshots.get("desk")
    known = None if desk is None else desk.day_loss
    return context.scope_equity(at) + (known or NOTHING)


def day_loss(_request: OrderRequest, context: Context, at: At, _only: str) -> Decimal:
    """Return what was lost since 17:00 New York, open profit included.

    An account that was never valued begins its day now. A source that no snapshot tells of answers for what
    its account lost; the desk for that of the account alone only where there is no other.
    """
    if at is not At.ACCOUNT:
        known = context.snapshot(at)
        if known is not None and known.day_loss is not None:
            return known.day_loss
        if at is At.DESK and not context.around.alone:
            raise Missing("no_snapshot", "no snapshot tells what the desk has lost today")
    lost = day_start(context, At.ACCOUNT) - context.equity()
    return context.owed(max(NOTHING, lost), at)
