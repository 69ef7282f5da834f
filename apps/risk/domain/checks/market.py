"""Checks of the moment: breaker, quote, session, and how far a price may lie from the market."""

from apps.portfolio.domain.order import OrderRequest
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.checks.check import PASSED, At, Context, Finding, Judge
from apps.risk.domain.intent import is_enforcement, is_protective
from apps.risk.domain.limits import MissingLimit

MINUTES_BEFORE_CLOSE = 5

SENTENCES = {
    "no_quote": "there is no quote of the instrument",
    "stale_quote": "the latest quote is too old, or from the future",
    "bad_market": "bid and ask are crossed or are no prices",
}


def breaker_at(at: At) -> Judge:
    """Make the check that denies entries at REDUCING and above."""

    def judge(_request: OrderRequest, context: Context) -> Finding:
        level = context.levels[at]
        if level < BreakerLevel.REDUCING:
            return PASSED
        text = f"the breaker of {context.scopes[at]} stands at {level.name}"
        return Finding(reason=f"breaker_{level.name.lower()}", text=text)

    return judge


def good_quote(request: OrderRequest, context: Context) -> Finding:
    fault = context.market.faults.get(request.instrument)
    if not fault and request.instrument in context.market.good:
        return PASSED
    fault = fault or "no_quote"
    return Finding(reason=fault, text=SENTENCES[fault])


def steady_market(request: OrderRequest, context: Context) -> Finding:
    """Deny while a price has just jumped, or while the spread is far above its usual one.

    A quote of an unsteady market is still good for valuing positions: breakers must see a jump at once.
    """
    quote = context.market.good.get(request.instrument)
    if quote is None:
        return PASSED  # the quote check denies
    by = "" if quote.jump is None else f" by {quote.jump:.2%}"
    if quote.unsteady_until is not None and context.now < quote.unsteady_until:
        return Finding(reason="bad_market", text=f"the price jumped{by} a moment ago")
    widest = quote.widest_spread
    if widest is not None and quote.spread > widest:
        return Finding(
            reason="bad_market",
            value=quote.spread,
            limit=widest,
            unit="price",
            text="the spread is far above its usual one",
        )
    return PASSED


def session(_request: OrderRequest, context: Context) -> Finding:
    """Pass while the market is open and does not close within five minutes."""
    if not context.is_open:
        return Finding(reason="market_closed", text="the market is closed")
    left = context.minutes_to_close
    if left is not None and left < MINUTES_BEFORE_CLOSE:
        return Finding(
            reason="near_close", text=f"the market closes in less than {MINUTES_BEFORE_CLOSE} minutes"
        )
    return PASSED


def price_band(request: OrderRequest, context: Context) -> Finding:
    """Pass a priced order within the collar around mid; an exit without a good quote passes, marked.

    Enforcement and protective orders have no collar, market orders none to judge here.
    """
    if request.price is None or is_enforcement(request.source) or is_protective(request.source):
        return PASSED
    quote = context.market.good.get(request.instrument)
    if quote is None:
        return Finding(note="collar_skipped")  # of an entry the quote check denies
    try:
        collar = context.collar(request)
    except MissingLimit:
        if request.reduce_only:
            return Finding(note="collar_skipped")  # no limit that is missing keeps anybody from leaving
        raise
    apart, band = abs(request.price - quote.mid), collar * abs(quote.mid)
    if not (apart.is_finite() and band.is_finite()):
        raise ArithmeticError(f"a price {apart} away, a band of {band}")
    over = apart > band
    return Finding(
        reason="price_band" if over else "",
        value=apart,
        limit=band,
        unit="price",
        text=f"the price is {apart} away from the market" if over else "",
    )
