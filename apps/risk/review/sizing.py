"""What an entry is sized by, from what was read; and how a size that does not pass is denied."""

import logging
from dataclasses import replace
from decimal import Decimal
from typing import Any

from apps.portfolio.domain.order import OrderRequest
from apps.portfolio.domain.rates import convert
from apps.portfolio.errors import NoMark, NoRate
from apps.risk.breakers.measuring import flows_of
from apps.risk.domain import sizing
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.checks import At, Context
from apps.risk.domain.intent import is_person
from apps.risk.domain.verdict import Breach
from apps.risk.review.measures import Measures
from apps.risk.review.reading import Before, Rows

log = logging.getLogger(__name__)

NOTHING = Decimal(0)


def size(
    request: OrderRequest, before: Before, rows: Rows, context: Context
) -> tuple[OrderRequest, tuple[Breach, ...], dict[str, Any]]:
    """Return the request at its final quantity, or as it is with the reason why it has no size."""
    if not context.intent.source_entry or _is_nothing(request.quantity):
        return request, (), {}
    try:
        sized, notes = _ask_sizers(request, before.measures, rows, context)
    except Exception as error:  # noqa: BLE001 (denies, named and logged below)
        return request, _unsized(error, request, context), {}
    if not _may_shrink(request) and sized.quantity < request.quantity:
        return request, (_over_size(request, sized),), notes
    if sized.quantity <= 0:
        return request, (_nothing_left(sized),), notes
    return replace(request, quantity=sized.quantity), (), notes


def _is_nothing(lots: Decimal) -> bool:
    """Tell what a check denies by its own name."""
    return lots.is_finite() and lots <= 0


def _may_shrink(request: OrderRequest) -> bool:
    """Tell whether an order is sized: of a person or a client only where it was asked for as a risk."""
    return not is_person(request.source) or request.risk_share is not None


def _unsized(error: Exception, request: OrderRequest, context: Context) -> tuple[Breach, ...]:
    """Deny what has no size. Sizing is judged like a check: what cannot be computed must not pass."""
    if isinstance(error, sizing.CannotSize):
        reason = error.reason
        if reason in {_denied_at(level) for level in context.levels.values()}:
            return ()  # the breaker's own check denies it, and names whose level it is
    elif isinstance(error, NoRate | NoMark):
        reason = "no_rate" if isinstance(error, NoRate) else "no_mark"
    else:
        log.error("sizing failed on an order of %s", request.source, exc_info=error)
        reason = "check_error:sizing"
    return (Breach(check="sizing", reason=reason, text=f"{error}" or type(error).__name__),)


def _denied_at(level: BreakerLevel) -> str:
    return f"breaker_{level.name.lower()}"


def _ask_sizers(
    request: OrderRequest, measures: Measures, rows: Rows, context: Context
) -> tuple[sizing.Sized, dict[str, Any]]:
    rule = measures.rule
    if rule is None:
        raise sizing.CannotSize("no_rule", f"no sizing rule applies to {request.source}")
    equity = context.equity()
    given = _given(request, measures, rows, context, equity)
    sized = sizing.size(
        request.quantity,
        held=_held(request, context),
        rule=rule,
        given=given,
        level=max(context.levels.values()),
        is_person=is_person(request.source),
        drawdown_factor=_drawdown_factor(measures, context, equity),
        risk_share=request.risk_share,
    )
    return sized, _notes(request, rule, given, sized)


def _given(
    request: OrderRequest, measures: Measures, rows: Rows, context: Context, equity: Decimal
) -> sizing.SizingInput:
    price = request.price or context.quote(request.instrument).mid
    return sizing.SizingInput(
        equity=equity if rows.day_start is None else min(equity, rows.day_start),
        price=price,
        rate=_rate(context),
        spec=context.spec,
        stop_distance=_stop_distance(request, price),
        yearly_volatility=measures.yearly_volatility,
        average_range=measures.average_range,
        trades=measures.trades,
    )


def _notes(
    request: OrderRequest, rule: sizing.Rule, given: sizing.SizingInput, sized: sizing.Sized
) -> dict[str, Any]:
    notes: dict[str, Any] = {
        "rule": rule.source,
        "version": rule.version,
        "requested": str(request.quantity),
        "quantity": str(sized.quantity),
        "caps": {name: _short(cap) for name, cap in sized.caps.items()},
        "factor": _short(sized.factor),
        "equity": str(given.equity),
    }
    if request.risk_share is not None:
        notes["risk_share"] = str(request.risk_share)
    if given.trades is not None:
        notes |= {"trades": given.trades.count, "paper": given.trades.is_paper}
    return notes


def _short(number: Decimal) -> str:
    """Write a figure with the digits that a person and its column can use."""
    text = f"{number:.10f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _drawdown_factor(measures: Measures, context: Context, equity: Decimal) -> Decimal:
    """Return what losses leave, at the equity of this moment; money moved in or out is no loss."""
    bases = measures.bases
    flows = flows_of(context.book)
    if bases is not None and flows != bases.flows:
        bases = bases.moved(flows=flows, equity=equity)
    return sizing.least_factor(equity, bases, measures.thresholds)


def _rate(context: Context) -> Decimal:
    """Return what one unit of the quote currency costs in the account's, as a debt."""
    return -convert(
        Decimal(-1),
        source=context.spec.quote_currency,
        target=context.book.account.currency,
        quotes=context.market.good,
    )


def _stop_distance(request: OrderRequest, price: Decimal) -> Decimal | None:
    """Return how far the stop lies from the order's price, or from mid where it is a market order."""
    if request.stop_distance is not None or request.stop_loss is None:
        return request.stop_distance
    return abs(price - request.stop_loss)


def _held(request: OrderRequest, context: Context) -> Decimal:
    own = context.at(At.SOURCE, request)
    under_way = sum(
        (
            order.remaining
            for order in own.open_entries()
            if order.instrument == request.instrument and order.side is request.side
        ),
        NOTHING,
    )
    return own.quantity(request.instrument) * request.side.sign + under_way


def _nothing_left(sized: sizing.Sized) -> Breach:
    return Breach(
        check="sizing",
        reason="no_size",
        value=sized.room,
        unit="lots",
        text="sizing leaves less than the smallest lot",
    )


def _over_size(request: OrderRequest, sized: sizing.Sized) -> Breach:
    return Breach(
        check="sizing",
        reason="over_size",
        value=request.quantity,
        limit=sized.room,
        unit="lots",
        text=f"{sized.room} lots would pass",
    )
