"""The one place where an order gets leave: breaker, sizing and checks, in one transaction under the lock."""

import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from apps.portfolio import books, locks
from apps.portfolio.domain.order import OrderRequest, client_order_id
from apps.portfolio.domain.views import OrderView
from apps.portfolio.errors import Busy as AccountHeld
from apps.portfolio.errors import UnknownAccount
from apps.portfolio.locks import Wanted
from apps.risk.domain.verdict import Approved, Breach, Denied, Verdict, shown
from apps.risk.errors import Busy, Refused
from apps.risk.models import BreakerEvent, RiskReview
from apps.risk.review import following, keeping, loading, putting, reading, refusals
from apps.risk.review.amending import permit_amend
from apps.risk.review.busy import LOST, busy_without_verdict
from apps.risk.review.expiring import deny_expired
from apps.risk.review.judging import Judged, judge
from apps.risk.review.preview import Previewed, preview
from apps.risk.review.stored import ReviewView, stored

__all__ = ["Previewed", "ReviewView", "deny_expired", "permit", "permit_amend", "preview", "stored"]
TOLD_AGAIN_AFTER = timedelta(minutes=1)


class _AddsToAccount(Exception):  # noqa: N818 - a turn of the road, not an error
    """An exit turned out to add to the account: it needs the locks of an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    request: OrderRequest
    order_id: str
    before: reading.Before
    started: float

    @property
    def elapsed_ms(self) -> float:
        return (time.perf_counter() - self.started) * 1000


def permit(request: OrderRequest) -> Verdict:
    """Answer an intent, once: the same intent asked again gets the verdict that is stored.

    Approved holds a committed order with its reservation, Denied every reason. Raise Busy (no verdict, ask
    the same again) and Refused (it cannot be an order; a review is kept).
    """
    started = time.perf_counter()
    why = refusals.cannot_be_stored(request) or refusals.unknown_instrument(request)
    if why:
        raise _refused(request, why, started)
    asked = _Asked(
        request=request,
        order_id=client_order_id(
            deployment=settings.MTQ_DEPLOYMENT,
            source=request.source,
            signal_key=request.signal_key,
            leg=request.leg,
        ),
        before=reading.before(request),
        started=started,
    )
    try:
        with busy_without_verdict():
            verdict, judged = _judged_once(asked)
    except UnknownAccount:
        raise _refused(request, refusals.unknown_account(request), started) from None
    if judged is not None:
        following.follow(request, judged)
    return verdict


def _judged_once(asked: _Asked) -> tuple[Verdict, Judged | None]:
    try:
        return _decide(asked, as_entry=not asked.request.reduce_only)
    except _AddsToAccount:
        return _decide(asked, as_entry=True)


def _decide(asked: _Asked, *, as_entry: bool) -> tuple[Verdict, Judged | None]:
    """Return the verdict, and what it was judged by where it is new."""
    named = locks.of_entry if as_entry else locks.of_exit
    wanted = named(account=asked.request.account, source=asked.request.source)
    put: Judged | None = None

    def judge_and_put() -> Verdict:
        nonlocal put
        with locks.deadline(wanted.wait_s) as patience, transaction.atomic():
            rows = loading.load(asked.request, asked.order_id, wanted)
            patience.rest()  # judging is this process's own work, however busy the machine is
            if rows.is_known:
                return _verdict_of(books.order(asked.order_id))
            judged = judge(asked.request, asked.before, rows)
            if judged.context.intent.escalates and not as_entry:
                raise _AddsToAccount
            patience.allow(0)
            verdict, put = _keep(asked, judged)
            return verdict

    try:
        return judge_and_put(), put
    except (*LOST, AccountHeld):
        if put is None:
            raise
        return _read_back(asked, wanted), put


def _read_back(asked: _Asked, wanted: Wanted) -> Verdict:
    """Tell what became of a commit whose answer was lost: whoever has the locks again sees its end.

    Raise Busy where there is no such order: nothing was written, and the same intent may be asked again.
    """
    connection.close()
    patient = Wanted(keys=wanted.keys, shared=wanted.shared, wait_s=locks.EXIT_WAIT_S)
    with locks.deadline(patient.wait_s), transaction.atomic():
        if loading.load(asked.request, asked.order_id, patient).is_known:
            return _verdict_of(books.order(asked.order_id))
    raise Busy("the database went away before the order was stored")


def _keep(asked: _Asked, judged: Judged) -> tuple[Verdict, Judged]:
    order, judged = putting.put(
        asked.request, judged, order_id=asked.order_id, elapsed_ms=lambda: asked.elapsed_ms
    )
    if judged.breaches and judged.context.intent.escalates:
        _tell_account(asked.request, judged)
    return _verdict_of(order), judged


def _verdict_of(order: OrderView) -> Verdict:
    if order.reasons:
        return Denied(order=order, reasons=tuple(Breach.from_json(reason) for reason in order.reasons))
    return Approved(order=order, review_id=order.review_id or 0, quantity=order.quantity)


def _tell_account(request: OrderRequest, judged: Judged) -> None:
    """Leave a fact for whoever guards the account: an agent cannot get flat by itself."""
    scope = f"account:{request.account}"
    cause = (
        f"{request.source} cannot close {shown(request.quantity)} {request.instrument} without adding risk"
    )
    lately = timezone.now() - TOLD_AGAIN_AFTER
    if BreakerEvent.objects.filter(scope=scope, kind="escalate", cause=cause, created_at__gt=lately).exists():
        return  # it asks again every few bars; the account has been told
    BreakerEvent.objects.create(
        scope=scope,
        kind="escalate",
        old_level=judged.rows.levels[scope],
        new_level=judged.rows.levels[scope],
        epoch=judged.rows.epochs[scope],
        cause=cause,
        by=request.source,
        detail={"instrument": request.instrument, "source": request.source},
        desk_at=judged.context.now,
    )


def _refused(request: OrderRequest, why: Breach, started: float) -> Refused:
    review: RiskReview = keeping.refusal_of(request, why, elapsed_ms=(time.perf_counter() - started) * 1000)
    review.save(force_insert=True)
    return Refused(why.reason, why.text, review.pk)
