"""Checks of conduct: what a source may trade, how fast and how often it asks, and against whom."""

from datetime import timedelta
from decimal import Decimal
from fnmatch import fnmatchcase

from apps.portfolio.domain.order import OrderRequest, OrderType, Side
from apps.portfolio.errors import NoMark
from apps.risk.domain import throttle
from apps.risk.domain.checks.check import PASSED, At, Context, Finding, Judge
from apps.risk.domain.intent import is_enforcement, is_person
from apps.risk.domain.limits import Metric, MissingLimit
from apps.risk.domain.measures import DEFAULT_REPEATS, default_burst
from apps.risk.domain.overrides import Overridable
from apps.risk.domain.surroundings import Bucket, PastOrder, RestingOrder

DUPLICATE_WITHIN = timedelta(seconds=5)
REPEAT_WITHIN = timedelta(seconds=60)
SHOWN = 16  # digits of another order's id


def permission(request: OrderRequest, context: Context) -> Finding:
    for source, instrument in context.around.permitted:
        if fnmatchcase(request.source, source) and fnmatchcase(request.instrument, instrument):
            return PASSED
    return Finding(
        reason="not_permitted", text=f"{request.source} has no permission to trade {request.instrument}"
    )


def restricted(request: OrderRequest, context: Context) -> Finding:
    if request.instrument not in context.around.restricted:
        return PASSED
    return Finding(
        reason="restricted", text=f"{request.instrument} is restricted: nobody opens positions in it"
    )


def duplicate(request: OrderRequest, context: Context) -> Finding:
    """Deny a person's or client's order that repeats one of the last five seconds under another id."""
    if not is_person(request.source):
        return PASSED
    since, asked = context.now - DUPLICATE_WITHIN, context.as_asked(request)
    twin = next(
        (past for past in context.around.lately if past.requested_at >= since and _is_twin(past, asked)),
        None,
    )
    if twin is None:
        return PASSED
    text = f"the same order was sent a moment ago, as {twin.client_order_id[:SHOWN]}"
    return Finding(reason="duplicate", text=text)


def _is_twin(past: PastOrder, request: OrderRequest) -> bool:
    return (past.account, past.instrument, past.side, past.order_type, past.price, past.quantity) == (
        request.account,
        request.instrument,
        request.side,
        request.order_type,
        request.price,
        request.quantity,
    )


def repeat(request: OrderRequest, context: Context) -> Finding:
    """Deny the entry that is one too many of its source, instrument and side within a minute."""
    rows = context.rows(Metric.REPEATS, request)
    most = min((row.hard for row in rows), default=DEFAULT_REPEATS)
    since = context.now - REPEAT_WITHIN
    count = Decimal(1) + sum(
        past.is_entry
        and past.instrument == request.instrument
        and past.side is request.side
        and past.requested_at > since
        for past in context.around.lately
    )
    over = count > most
    return Finding(
        reason="repeat" if over else "",
        value=count,
        limit=most,
        unit="count",
        text=f"{request.source} entered {request.instrument} {count} times in a minute" if over else "",
    )


def throttled(at: At) -> Judge:
    """Make the check that an entry finds a token in its scope's bucket."""

    def judge(request: OrderRequest, context: Context) -> Finding:
        drawn = _draw(request, context, at)
        if drawn is None or drawn[0]:
            return PASSED
        if context.override(request, Overridable.THROTTLE):
            return Finding(note="overridden")
        return Finding(
            reason="throttled",
            value=drawn[1].tokens,
            limit=Decimal(1),
            unit="count",
            text=f"{context.scopes[at]} asks faster than it may",
        )

    return judge


def drawn_buckets(request: OrderRequest, context: Context) -> dict[str, Bucket]:
    """Return the buckets as this attempt leaves them, by scope, whatever the verdict; exits draw nothing.

    Never raises: where a bucket cannot be judged its check has denied, and it stays as it is.
    """
    found = {}
    for at in (At.SOURCE, At.ACCOUNT):
        entry = context.intent.source_entry if at is At.SOURCE else context.intent.account_entry
        try:
            drawn = _draw(request, context, at) if entry else None
        except (MissingLimit, ArithmeticError, ValueError):
            continue
        if drawn is not None:
            found[context.scopes[at]] = drawn[1]
    return found


def _draw(request: OrderRequest, context: Context, at: At) -> tuple[bool, Bucket] | None:
    """Take a token; None where no row limits how fast the scope may ask."""
    if is_enforcement(request.source):
        return None
    scope = context.scopes[at]
    rates = context.limits.applying(scope, Metric.MESSAGE_RATE, instrument=request.instrument)
    bursts = context.limits.applying(scope, Metric.MESSAGE_BURST, instrument=request.instrument)
    if not rates:
        if bursts:  # a bucket that nothing refills: somebody forgot the rate
            context.limits.of(scope, Metric.MESSAGE_RATE, instrument=request.instrument)
        return None
    rate = min(row.hard for row in rates)
    burst = min((row.hard for row in bursts), default=default_burst(rate))
    return throttle.take(context.around.buckets.get(scope), now=context.now, rate=rate, burst=burst)


def self_trade(request: OrderRequest, context: Context) -> Finding:
    """Deny an entry that could meet an open order of the same owner at the same venue; exits pass, marked."""
    met = next((order for order in context.around.resting if _meets(request, order, context)), None)
    if met is None:
        return PASSED
    if not context.intent.account_entry:
        return Finding(note="self_trade")
    text = f"it could trade with {met.client_order_id[:SHOWN]} of {met.source} on {met.account}"
    return Finding(
        reason="self_trade", value=_bound(request, context), limit=met.price, unit="price", text=text
    )


def _meets(request: OrderRequest, order: RestingOrder, context: Context) -> bool:
    """Tell whether prices at which both may fill overlap.

    A stop that waits is in nobody's book: only a limit order that rests can be hit by it, or hit it.
    """
    if order.side is request.side:
        return False
    ours, theirs = _bound(request, context), _theirs(request, order, context)
    if _waits(request.order_type, request.side, request.price, request, context) and (
        order.order_type is not OrderType.LIMIT
    ):
        return False
    if _waits(order.order_type, order.side, order.price, request, context) and (
        request.order_type is not OrderType.LIMIT
    ):
        return False
    if ours is None or theirs is None:
        return True  # nobody knows how far it may go
    return ours >= theirs if request.side is Side.BUY else ours <= theirs


def _bound(request: OrderRequest, context: Context) -> Decimal | None:
    """Return the highest price that a buy may pay, the lowest that a sell may get; None where unknown."""
    if request.order_type is OrderType.LIMIT:
        return request.price
    try:
        terms = context.terms(request)
    except (MissingLimit, NoMark):
        return None
    return terms.exposure if request.side is Side.BUY else terms.worst


def _theirs(request: OrderRequest, order: RestingOrder, context: Context) -> Decimal | None:
    """Return how far an open order may go: a stop, reached or not, as far as its reserved price."""
    if order.price is None or order.order_type is OrderType.MARKET:
        return None
    if order.order_type is OrderType.LIMIT:
        return order.price
    try:
        quote = context.quote(request.instrument)
        share = context.collar(request) * context.parameter(Metric.GAP_FACTOR, request)
    except (MissingLimit, NoMark):
        return None
    bought = order.side is Side.BUY
    fills = max(quote.ask, order.price) if bought else min(quote.bid, order.price)
    return fills + share * abs(fills) * order.side.sign


def _waits(
    kind: OrderType, side: Side, price: Decimal | None, request: OrderRequest, context: Context
) -> bool:
    """Tell whether a stop has not been reached yet; without a quote it may have been."""
    quote = context.market.good.get(request.instrument)
    if kind is not OrderType.STOP or price is None or quote is None:
        return False
    return price > quote.ask if side is Side.BUY else price < quote.bid
