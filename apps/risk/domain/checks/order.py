"""Checks of the order itself and of the account it is for."""

from decimal import Decimal

from apps.portfolio.domain.order import OrderRequest, OrderType, Side
from apps.risk.domain.checks.check import PASSED, Context, Finding

NOTHING = Decimal(0)


def numbers(request: OrderRequest, context: Context) -> Finding:
    """Pass finite numbers: a positive quantity, and prices that this instrument can have."""
    if not request.quantity.is_finite() or request.quantity <= 0:
        return Finding(reason="bad_quantity", value=request.quantity, text="the quantity must be above zero")
    for price in (request.price, request.stop_loss, request.take_profit):
        if price is not None and not _is_price(price, negative=context.spec.allows_negative_price):
            return Finding(reason="bad_price", value=price, text="this is no price of the instrument")
    needs_price = request.order_type is not OrderType.MARKET
    if needs_price != (request.price is not None):
        return Finding(reason="bad_price", text="limit and stop orders have a price, market orders none")
    return PASSED


def _is_price(price: Decimal, *, negative: bool) -> bool:
    return price.is_finite() and (negative or price > 0)


def steps(request: OrderRequest, context: Context) -> Finding:
    """Pass multiples of the lot step; closing all that is left may leave no dust behind."""
    if context.spec.fits_step(request.quantity) or _closes_all(request, context):
        return PASSED
    return Finding(
        reason="lot_step",
        value=request.quantity,
        limit=context.spec.lot_step,
        unit="lots",
        text="the quantity is not a multiple of the lot step",
    )


def lot_limits(request: OrderRequest, context: Context) -> Finding:
    """Pass what the venue takes in one order; all that is left may be less."""
    low, high = context.spec.lot_min, context.spec.lot_max
    if _closes_all(request, context):
        low = NOTHING
    if low <= request.quantity <= high:
        return Finding(value=request.quantity, limit=high, unit="lots")
    small = request.quantity < low
    return Finding(
        reason="lot_min" if small else "lot_max",
        value=request.quantity,
        limit=low if small else high,
        unit="lots",
        text=f"the venue takes {low} to {high} lots in one order",
    )


def _closes_all(request: OrderRequest, context: Context) -> bool:
    return context.intent.closable is not None and request.quantity == context.intent.closable > NOTHING


def ticks(request: OrderRequest, context: Context) -> Finding:
    tick = context.spec.tick_size
    for price in (request.price, request.stop_loss, request.take_profit):
        if price is not None and price % tick != 0:
            return Finding(
                reason="tick_size", value=price, limit=tick, text="the price is not a multiple of the tick"
            )
    return PASSED


def own_account(request: OrderRequest, context: Context) -> Finding:
    if request.account == context.book.account.slug and request.instrument == context.spec.name:
        return PASSED
    return Finding(reason="other_account", text="account or instrument are not those that were loaded")


def within_position(request: OrderRequest, context: Context) -> Finding:
    """Pass an exit that fits into the position whatever becomes of the orders under way."""
    room = context.intent.closable
    if room is None:
        return PASSED
    if request.quantity <= room:
        return Finding(value=request.quantity, limit=room, unit="lots")
    return Finding(
        reason="reversal",
        value=request.quantity,
        limit=room,
        unit="lots",
        text=f"a reduce-only order may close {room} lots; a reversal is two orders",
    )


def enabled(_request: OrderRequest, context: Context) -> Finding:
    if context.book.account.enabled:
        return PASSED
    return Finding(reason="account_disabled", text="the account is switched off for entries")


def not_blocked(_request: OrderRequest, context: Context) -> Finding:
    why = context.book.account.entries_blocked
    return Finding(reason="entries_blocked", text=why) if why else PASSED


def no_doubt(request: OrderRequest, context: Context) -> Finding:
    if not context.book.has_doubt(request.instrument):
        return PASSED
    return Finding(reason="doubt", text="an order in this instrument has an unknown outcome at the venue")


def protection(request: OrderRequest, context: Context) -> Finding:
    """Pass a stop loss on the losing and a take profit on the winning side of the price."""
    quote = context.market.good.get(request.instrument)
    entry = request.price
    if entry is None:
        if quote is None:
            return PASSED  # the quote check denies
        entry = quote.mid
    sign = 1 if request.side is Side.BUY else -1
    for price, side in ((request.stop_loss, -sign), (request.take_profit, sign)):
        if price is not None and (price - entry) * side <= 0:
            return Finding(
                reason="bad_protection",
                value=price,
                limit=entry,
                text="stop loss or take profit lie on the wrong side of the price",
            )
    return PASSED
