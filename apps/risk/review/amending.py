"""Leave for a change of a working order: judged as the entry of what it adds, else as an exit.

More size, a worse price, a wider or removed stop add risk: the order is judged under its new terms in place
of itself, so what is new about it is the difference. Everything else only has to be a sound order.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction

from apps.marketdata import clock
from apps.marketdata.domain.sessions import trading_day
from apps.portfolio import books, ledger, locks
from apps.portfolio.domain.order import OrderRequest
from apps.portfolio.domain.terms import Terms
from apps.portfolio.domain.use import figure, of_day
from apps.portfolio.domain.views import OrderView
from apps.portfolio.ledger import ReservationTerms
from apps.risk.domain.checks import PRE_TRADE
from apps.risk.domain.checks import run as ask_checks
from apps.risk.domain.verdict import Approved, Breach, Denied, Verdict
from apps.risk.errors import Refused
from apps.risk.review import amended, keeping, loading, reading, refusals
from apps.risk.review.busy import busy_without_verdict
from apps.risk.review.judging import Judged, context_of, judge
from apps.risk.review.reading import Rows

SOUND = {"numbers", "steps", "lot_limits", "ticks", "own_account"}
TTL_S = 30
NOTHING = Decimal(0)


class _AddsToAccount(Exception):  # noqa: N818 - a turn of the road, not an error
    """An exit's change turned out to add to the account: it needs the locks of an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """`adds` tells that it is an entry; `request` is what would be open under the new terms."""

    order: OrderView
    terms: Terms
    adds: bool
    request: OrderRequest
    by: str
    started: float


def permit_amend(*, order_id: str, changes: Mapping[str, Decimal | None], by: str) -> Verdict:
    """Answer a change of a working order; approved, it is REPLACE_PENDING and committed.

    What is asked for already gets the order as it is. Raise UnknownOrder, the portfolio's NotAmendable, Busy,
    Refused.
    """
    started = time.perf_counter()
    order = books.order(order_id)
    terms = replace(Terms.of(order), **changes)  # type: ignore[arg-type]
    if terms == (order.amendment.terms if order.amendment else Terms.of(order)):
        return Approved(order=order, review_id=order.review_id or 0, quantity=terms.quantity)
    ledger.check_amendable(order, terms)
    change = _Change(
        order=order,
        terms=terms,
        adds=adds_risk(order, terms),
        request=_request(order, terms),
        by=by,
        started=started,
    )
    why = refusals.cannot_be_stored(change.request)
    if why:
        raise Refused(why.reason, why.text, 0)
    with busy_without_verdict():
        try:
            return _decide(change, as_entry=change.adds and not order.reduce_only)
        except _AddsToAccount:
            return _decide(change, as_entry=True)


def adds_risk(order: OrderView, terms: Terms) -> bool:
    """Tell whether a change asks for more lots, a worse price, or a wider stop or none.

    A sale at a higher price is the better one, and yet a larger exposure: it is judged as well.
    """
    sign = order.side.sign
    worse = terms.price != order.price and (sign < 0 or (terms.price or 0) > (order.price or 0))
    stop, kept = terms.stop_loss, order.stop_loss
    wider = kept is not None and (stop is None or (stop - kept) * sign < 0)
    return terms.quantity > order.quantity or worse or wider


def _request(order: OrderView, terms: Terms) -> OrderRequest:
    return OrderRequest(
        account=order.account,
        source=order.source,
        instrument=order.instrument,
        side=order.side,
        quantity=max(NOTHING, terms.quantity - order.filled),
        order_type=order.order_type,
        price=terms.price,
        stop_loss=terms.stop_loss,
        take_profit=terms.take_profit,
        reduce_only=order.reduce_only,
        signal_key=order.signal_key,
        leg=order.leg,
        requested_at=clock.desk_now(),
        ttl_s=TTL_S,
        ticket=order.ticket,
        policy=order.policy,
    )


def _decide(change: _Change, *, as_entry: bool) -> Verdict:
    named = locks.of_entry if as_entry else locks.of_exit
    wanted = named(account=change.request.account, source=change.request.source)
    before = reading.before(change.request)
    with locks.deadline(wanted.wait_s), transaction.atomic():
        rows = loading.load(change.request, change.order.client_order_id, wanted)
        order = books.order(change.order.client_order_id)
        ledger.check_amendable(order, change.terms)
        change = replace(change, order=order, request=_request(order, change.terms))
        judged = _judge(change, before, without(rows, order))
        if change.adds and judged.context.intent.account_entry and not as_entry:
            raise _AddsToAccount
        return _keep(change, judged, rows)


def _judge(change: _Change, before: reading.Before, rows: Rows) -> Judged:
    if not change.adds:
        return _judge_sound(change, before, rows)
    judged = judge(change.request, before, rows)
    if judged.breaches or judged.request.quantity == change.request.quantity:
        return judged
    size = judged.request.quantity
    breach = Breach(
        check="sizing",
        reason="over_size",
        value=change.request.quantity,
        limit=size,
        unit="lots",
        text=f"{change.request.quantity} lots would be open, {size} are allowed",
    )
    return replace(judged, request=change.request, breaches=(breach,), reservation=None)


def _judge_sound(change: _Change, before: reading.Before, rows: Rows) -> Judged:
    """Judge what adds no risk: the order as a whole is one that could be sent."""
    whole = replace(change.request, quantity=change.terms.quantity)
    context = context_of(whole, before, rows)
    sound = [check for check in PRE_TRADE if check.name in SOUND]
    results = ask_checks(whole, context, sound, seconds=time.perf_counter)
    return Judged(
        request=change.request,
        context=context,
        rows=rows,
        results=results,
        breaches=tuple(result.breach for result in results if result.breach),
        sizing={},
        reservation=None,
    )


def without(rows: Rows, order: OrderView) -> Rows:
    """Return what was read as if the order were not there: it is judged in place of itself."""
    day = trading_day(clock.desk_now())
    counted = {
        metric: amended.counted(order, of_day(metric, day)) for metric in (loading.ENTRIES, loading.VALUE)
    }
    around = rows.around
    names = [of_day(metric, day, key) for metric in counted for key in ("", order.instrument)]
    by = {name: counted[name.partition("@")[0]] for name in names}
    lately = tuple(past for past in around.lately if past.client_order_id != order.client_order_id)
    return replace(
        rows,
        book=replace(
            rows.book,
            open_orders=tuple(
                held for held in rows.book.open_orders if held.client_order_id != order.client_order_id
            ),
        ),
        around=replace(
            around,
            entries_today=_less(around.entries_today, counted[loading.ENTRIES], order),
            value_today=_less(around.value_today, counted[loading.VALUE], order),
            lately=lately,
            overrides=(),
        ),
        uses=_minus(rows.uses, by),
        own=_minus(rows.own, by),
    )


def _less(today: Mapping[str, Decimal], by: Decimal, order: OrderView) -> dict[str, Decimal]:
    scopes = ("desk", f"account:{order.account}", f"source:{order.source}")
    names = {figure(scope, key) for scope in scopes for key in ("", order.instrument)}
    return _minus(today, dict.fromkeys(names, by))


def _minus(figures: Mapping[str, Decimal], by: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {name: max(NOTHING, amount - by.get(name, NOTHING)) for name, amount in figures.items()}


def _keep(change: _Change, judged: Judged, stood: Rows) -> Verdict:
    """Write the verdict: review and tokens, and of an approved change its room and the request for it."""
    breaches = judged.breaches
    if not breaches and judged.reservation is not None:
        breaches = amended.take_room(change.order, judged, stood)
    elif not breaches and not judged.context.intent.account_entry:
        amended.count_exit(judged)
    review = keeping.review_of(
        change.request,
        replace(judged, breaches=breaches),
        order_id="",
        elapsed_ms=(time.perf_counter() - change.started) * 1000,
    )
    review.request |= {"amends": change.order.client_order_id, "revision": change.order.revision + 1}
    review.save(force_insert=True)
    amended.keep_buckets(judged)
    if breaches:
        return Denied(order=change.order, reasons=breaches)
    order = ledger.request_amend(
        order_id=change.order.client_order_id,
        terms=change.terms,
        reservation=_reservation(change, judged),
        by=change.by,
        epochs=judged.rows.epochs,
        review_id=review.pk,
        ttl_s=TTL_S,
    )
    return Approved(order=order, review_id=review.pk, quantity=change.terms.quantity)


def _reservation(change: _Change, judged: Judged) -> ReservationTerms | None:
    if judged.reservation is not None:
        whole = change.terms.quantity / change.request.quantity
        return replace(judged.reservation, uses=amended.of_whole(judged.reservation.uses, whole))
    return amended.scaled(change.order, change.terms) if change.order.is_entry else None
