"""What an order takes of figures that accounts share, as the second call of the database takes it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from apps.portfolio import locks
from apps.portfolio.domain.order import OrderRequest
from apps.portfolio.domain.rates import convert
from apps.portfolio.domain.use import figure, uses
from apps.risk.domain.checks import At, Context
from apps.risk.domain.demands import Demand, desk_demands
from apps.risk.domain.intent import own_part
from apps.risk.review.loading import ENTRIES, VALUE, of_day
from apps.risk.review.reading import Rows

NOTHING = Decimal(0)
ALLOWANCES_FROM = 10  # accounts that share the desk; beyond, each draws a part ahead
OF_A_DAY = (ENTRIES, VALUE)
GATE = locks.key("desk-room")
Figures = Mapping[str, Decimal]


def terms_of(request: OrderRequest, context: Context) -> dict[str, dict[str, Decimal]]:
    """Return what an entry adds to the desk and its source: what its end gives back where it is unfilled."""
    before, after = _at_desk(context, None), _at_desk(context, request)
    added = _added(before, after) | _of_the_day(request, context, VALUE)
    if not context.intent.source_entry:
        return {"desk": added}
    own = _added(
        _at_source(request, context, with_order=False), _at_source(request, context, with_order=True)
    )
    return {"desk": added, "source": own | _of_the_day(request, context, VALUE)}


def take(request: OrderRequest, context: Context, rows: Rows) -> dict[str, Any]:
    """Return the document that `portfolio_take_room` writes an entry's room by."""
    day = _of_the_day(request, context, ENTRIES) | _of_the_day(request, context, VALUE)
    demands = desk_demands(request, context)
    account = context.book.account
    meets = f"meets:{account.owner}:{account.venue}:{request.instrument}"
    document = {
        "account_id": rows.place.account_id,
        "uses": _texts(_at_desk(context, request) | _plus(_kept_of_day(rows.uses), day)),
        "caps": [_cap(demand) for demand in demands],
        "bound": [],
        "allowances": rows.sharers > ALLOWANCES_FROM,
        "gate": GATE,
        "meets": {
            "lock": locks.key(meets),
            "instrument": request.instrument,
            "side": request.side.value,
            "seen": rows.seen,
            "owner": account.owner,
            "venue": account.venue,
        },
    }
    if context.intent.source_entry:
        own = _at_source(request, context, with_order=True) | _plus(_kept_of_day(rows.own), day)
        document["source"] = {"scope": f"source:{request.source}", "uses": _texts(own)}
    return document


def _at_desk(context: Context, request: OrderRequest | None) -> dict[str, Decimal]:
    book = context.book if request is None else context.after(At.ACCOUNT, request)
    return uses(book, context.market.good, context.specs, currency=context.around.base_currency)


def _at_source(request: OrderRequest, context: Context, *, with_order: bool) -> dict[str, Decimal]:
    book = context.after(At.SOURCE, request) if with_order else own_part(context.book, request.source)
    return uses(book, context.market.good, context.specs, currency=context.around.base_currency)


def _added(before: Figures, after: Figures) -> dict[str, Decimal]:
    return {
        name: amount - before.get(name, NOTHING)
        for name, amount in after.items()
        if amount > before.get(name, NOTHING)
    }


def _of_the_day(request: OrderRequest, context: Context, metric: str) -> dict[str, Decimal]:
    """Return what an entry counts towards figures of the trading day: itself, or its value."""
    amount = Decimal(1) if metric == ENTRIES else _base_value(request, context)
    return {of_day(metric, key): amount for key in ("", request.instrument)}


def _base_value(request: OrderRequest, context: Context) -> Decimal:
    value, own = context.order_value(request), context.book.account.currency
    return -convert(-value, source=own, target=context.around.base_currency, quotes=context.market.good)


def _kept_of_day(figures: Figures) -> dict[str, Decimal]:
    """Return the figures of the day that is on; those of other days are let go."""
    names = tuple(of_day(metric) for metric in OF_A_DAY)
    return {name: amount for name, amount in figures.items() if name.split("|")[0] in names}


def _plus(some: Figures, more: Figures) -> dict[str, Decimal]:
    return dict(some) | {name: some.get(name, NOTHING) + amount for name, amount in more.items()}


def _cap(demand: Demand) -> dict[str, Any]:
    metric, _, key = demand.figure.partition("|")
    name = of_day(metric, key) if metric in OF_A_DAY else figure(metric, key)
    return {"name": name, "hard": str(demand.hard), "version": demand.version, "rule": demand.check}


def _texts(figures: Figures) -> dict[str, str]:
    return {name: f"{amount:f}" for name, amount in figures.items()}
