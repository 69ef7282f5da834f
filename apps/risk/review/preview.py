"""What a permit would answer now: the same judging without locks, in a transaction that cannot write."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from apps.portfolio import locks
from apps.portfolio.domain.order import OrderRequest, Side
from apps.portfolio.domain.rates import convert
from apps.portfolio.errors import NoMark, NoRate, UnknownAccount
from apps.portfolio.ledger import ReservationTerms
from apps.risk.domain.checks import At, Context, Result, room
from apps.risk.domain.limits import MissingLimit
from apps.risk.domain.verdict import Breach
from apps.risk.errors import Refused
from apps.risk.review import keeping, loading, reading, refusals
from apps.risk.review.judging import Judged, judge

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """What would be answered, and what the order would take. A figure that cannot be told is None.

    `price` is what an entry is counted at, the highest possible fill, in the quote currency; an exit has the
    price that it would fill at. The other figures are money of the account, in `currency`: `value` at that
    price, `margin` of this order, `margin_free_after` with the order open, `risk` what is lost at the stop
    loss, counted from the price that the order would fill at now.
    """

    quantity: Decimal
    breaches: tuple[Breach, ...]
    results: tuple[Result, ...]
    sizing: dict[str, Any]
    reservation: ReservationTerms | None
    price: Decimal | None
    value: Decimal | None
    margin: Decimal | None
    margin_free_after: Decimal | None
    risk: Decimal | None
    currency: str
    limit_versions: Mapping[str, int]

    @property
    def passes(self) -> bool:
        return not self.breaches

    @property
    def checks(self) -> tuple[dict[str, Any], ...]:
        """Return every check and what it found, as a kept review shows them."""
        return keeping.checks_of(
            map(keeping.result_as_json, self.results), [breach.as_json() for breach in self.breaches]
        )


def preview(request: OrderRequest) -> Previewed:
    """Judge an order as `permit` would and keep nothing; another order may take its room a moment later.

    Raise Refused for what cannot be an order.
    """
    why = refusals.cannot_be_stored(request) or refusals.unknown_instrument(request)
    if why:
        raise Refused(why.reason, why.text)
    before = reading.before(request)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            judged = judge(request, before, loading.load(request, "", locks.NOTHING))
    except UnknownAccount:
        why = refusals.unknown_account(request)
        raise Refused(why.reason, why.text) from None
    return _previewed(judged)


def _previewed(judged: Judged) -> Previewed:
    request, context = judged.request, judged.context
    adds = judged.context.intent.account_entry
    fills_at = _told(lambda: _fill_price(request, context))
    return Previewed(
        quantity=request.quantity,
        breaches=judged.breaches,
        results=judged.results,
        sizing=judged.sizing,
        reservation=judged.reservation,
        price=_told(lambda: context.candidate(request).price) if adds else fills_at,
        value=_told(lambda: context.order_value(request) if adds else _money(request, context, fills_at)),
        margin=_told(lambda: context.candidate(request).margin) if adds else NOTHING,
        margin_free_after=_told(lambda: _free(request, context, adds=adds)),
        risk=_told(lambda: _at_stop(request, context)),
        currency=context.book.account.currency,
        limit_versions=judged.rows.limits.versions(),
    )


def _told(figure: Callable[[], Decimal | None]) -> Decimal | None:
    """Return a figure, or None where quotes or limits are missing: the checks say so by name."""
    try:
        return figure()
    except (NoMark, NoRate, MissingLimit):
        return None


def _fill_price(request: OrderRequest, context: Context) -> Decimal:
    if request.price is not None:
        return request.price
    quote = context.quote(request.instrument)
    return quote.ask if request.side is Side.BUY else quote.bid


def _money(request: OrderRequest, context: Context, apart: Decimal | None) -> Decimal | None:
    """Return a distance or price of the order as account money, on the worse side of the rate."""
    if apart is None:
        return None
    size = abs(apart) * request.quantity * context.spec.contract_size
    account = context.book.account
    return -convert(
        -size, source=context.spec.quote_currency, target=account.currency, quotes=context.market.good
    )


def _free(request: OrderRequest, context: Context, *, adds: bool) -> Decimal:
    """Return what the margin check compares; an exit leaves what is free now, or more."""
    if adds:
        return room.free_margin(request, context, At.ACCOUNT, "")
    return context.equity() - context.book.margin_used(context.market.good, context.specs)


def _at_stop(request: OrderRequest, context: Context) -> Decimal | None:
    if request.stop_loss is None or request.reduce_only:
        return None
    return _money(request, context, _fill_price(request, context) - request.stop_loss)
