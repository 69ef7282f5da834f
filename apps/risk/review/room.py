"""What an order takes of figures that accounts share, as the second call of the database takes it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from apps.marketdata.domain.sessions import trading_day
from apps.portfolio import locks
from apps.portfolio.domain.book import Book
from apps.portfolio.domain.order import OrderRequest, Side
from apps.portfolio.domain.rates import convert
from apps.portfolio.domain.use import figure, of_day, of_that_day, texts, uses
from apps.risk.domain.checks import At, Context, correlation
from apps.risk.domain.demands import Demand, bound_demands, desk_demands
from apps.risk.domain.limits import Metric
from apps.risk.domain.metrics import parametric_es, parametric_var
from apps.risk.review.loading import ENTRIES, VALUE
from apps.risk.review.reading import DESK, Rows

NOTHING = Decimal(0)
ALLOWANCES_FROM = 10  # accounts that share the desk; beyond, each draws a part ahead
OF_A_DAY = (ENTRIES, VALUE)
GATE = locks.key("desk-room")
Figures = Mapping[str, Decimal]


def terms_of(request: OrderRequest, context: Context) -> dict[str, dict[str, Decimal]]:
    """Return what an entry takes of the desk and its source, by itself: what its end gives back if unfilled.

    Figures of a worst side are max(0, x) of a sum x, and taking a from both gives max(0, x - a): what the
    order is alone may be taken off whatever stands there.
    """
    alone = replace(context.book, holdings={}, virtual={}, open_orders=(context.candidate(request),))
    base = context.around.base_currency
    figures = uses(alone, context.market.good, context.margined, currency=base)
    taken = figures | _of_the_day(request, context, VALUE)
    return {"desk": taken, "source": taken} if context.intent.source_entry else {"desk": taken}


def take(request: OrderRequest, context: Context, rows: Rows) -> dict[str, Any]:
    """Return the document that `portfolio_take_room` writes an entry's room by."""
    counts = _of_the_day(request, context, ENTRIES) | _of_the_day(request, context, VALUE)
    day, account = trading_day(context.now), context.book.account
    document: dict[str, Any] = {
        "account_id": rows.place.account_id,
        "uses": texts(_with(context.own_figures(At.DESK, request), rows.uses, counts, day)),
        "caps": [_cap(demand, day) for demand in desk_demands(request, context)],
        "bound": _bound(request, context),
        "allowances": rows.others >= ALLOWANCES_FROM,
        "gate": GATE,
        "meets": {
            "lock": locks.key(f"meets:{account.owner}:{account.venue}:{request.instrument}"),
            "instrument": request.instrument,
            "side": request.side.value,
            "seen": rows.seen,
            "owner": account.owner,
            "venue": account.venue,
        },
    }
    if context.intent.source_entry:
        own = _with(context.own_figures(At.SOURCE, request), rows.own, counts, day)
        document["source"] = {"scope": f"source:{request.source}", "uses": texts(own)}
    return document


def rise(request: OrderRequest, context: Context, rows: Rows) -> dict[str, Any] | None:
    """Return the document that `portfolio_rise` counts an exit by, None where nothing rises.

    Beside an open entry on its side an exit may leave more than nothing. It needs no price: only lots and
    open orders grow, and it is counted, never held to a cap.
    """
    scopes = {
        DESK: (context.book, rows.uses),
        f"source:{request.source}": (context.at(At.SOURCE, request), rows.own),
    }
    rises = {scope: _risen(request, book, stands) for scope, (book, stands) in scopes.items()}
    found = {scope: texts(figures) for scope, figures in rises.items() if figures}
    return {"account_id": rows.place.account_id, "rises": found} if found else None


def _risen(request: OrderRequest, book: Book, stands: Figures) -> dict[str, Decimal]:
    name, position = request.instrument, book.quantity(request.instrument)
    lots = {side: book.open_lots(name, side) for side in Side}
    lots[request.side] += request.quantity
    here = sum(order.instrument == name for order in book.open_orders)
    now = {
        figure("position_long", name): position + lots[Side.BUY],
        figure("position_short", name): lots[Side.SELL] - position,
        figure("open_orders"): Decimal(len(book.open_orders) + 1),
        figure("open_orders", name): Decimal(here + 1),
    }
    return {key: amount for key, amount in now.items() if amount > stands.get(key, NOTHING)}


def _with(figures: Figures, before: Figures, counts: Figures, day: date) -> dict[str, Decimal]:
    """Return figures of now with those of the day, counted on."""
    kept = of_that_day(before, day)
    return dict(figures) | kept | {name: kept.get(name, NOTHING) + by for name, by in counts.items()}


def _bound(request: OrderRequest, context: Context) -> list[dict[str, Any]]:
    """Return what the order adds to figures that a snapshot measures: itself alone, until the next one.

    Without a covariance nothing can be added; where a limit needs it, its check has denied.
    """
    deviation = correlation.added(request, context)
    if deviation is None:
        return []
    amounts = {
        Metric.SIGMA: deviation,
        Metric.VAR: parametric_var(deviation),
        Metric.ES: parametric_es(deviation),
    }
    caps = bound_demands(request, context)
    rows = [_bound_row(metric, amount, caps.get(metric)) for metric, amount in amounts.items()]
    if context.intent.source_entry:
        rows.append(_bound_row(Metric.SIGMA, deviation, None) | {"scope": f"source:{request.source}"})
    return rows


def _bound_row(metric: Metric, amount: Decimal, cap: Demand | None) -> dict[str, Any]:
    return {
        "scope": DESK,
        "metric": metric.value,
        "amount": f"{amount:f}",
        "hard": None if cap is None else f"{cap.hard:f}",
        "version": None if cap is None else cap.version,
        "rule": None if cap is None else cap.check,
    }


def _of_the_day(request: OrderRequest, context: Context, metric: str) -> dict[str, Decimal]:
    """Return what an entry counts towards figures of the trading day: itself, or its value."""
    amount = Decimal(1) if metric == ENTRIES else _base_value(request, context)
    day = trading_day(context.now)
    return {of_day(metric, day, key): amount for key in ("", request.instrument)}


def _base_value(request: OrderRequest, context: Context) -> Decimal:
    value, own = context.order_value(request), context.book.account.currency
    return -convert(-value, source=own, target=context.around.base_currency, quotes=context.market.good)


def _cap(demand: Demand, day: date) -> dict[str, Any]:
    metric, _, key = demand.figure.partition("|")
    name = of_day(metric, day, key) if metric in OF_A_DAY else figure(metric, key)
    return {"name": name, "hard": f"{demand.hard:f}", "version": demand.version, "rule": demand.check}
