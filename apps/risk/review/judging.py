"""From what was read to what is answered: intent, size, checks. Nothing is written here."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.marketdata import calendar, clock, instruments
from apps.portfolio.domain.order import OrderRequest
from apps.portfolio.ledger import ReservationTerms
from apps.risk.breakers.measuring import flows_of
from apps.risk.domain import checks, market
from apps.risk.domain.checks import At, Context, Result, conduct
from apps.risk.domain.intent import classify
from apps.risk.domain.overrides import Overridable
from apps.risk.domain.surroundings import Bucket
from apps.risk.domain.verdict import Breach
from apps.risk.review import room, sizing
from apps.risk.review.reading import DESK, Before, Rows

AHEAD_WALL_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """`request` has the final quantity; `reservation` is None for exits and for what is denied."""

    request: OrderRequest
    context: Context
    rows: Rows
    results: tuple[Result, ...]
    breaches: tuple[Breach, ...]
    sizing: dict[str, Any]
    reservation: ReservationTerms | None
    buckets: Mapping[str, Bucket] = field(default_factory=dict)
    overrides: tuple[int, ...] = ()


def judge(request: OrderRequest, before: Before, rows: Rows) -> Judged:
    """Size the order, ask every check about the final quantity, and price its reservation."""
    context = context_of(request, before, rows)
    final, unsized, notes = sizing.size(request, before, rows, context)
    results = checks.run(final, context, seconds=time.perf_counter)
    breaches = (*unsized, *(result.breach for result in results if result.breach))
    if breaches and context.intent.escalates:
        text = "the close adds to the account's position, which has no room for it"
        breaches = (Breach(check="intent", reason="escalate", text=text), *breaches)
    reservation = None
    if context.intent.account_entry and not breaches:
        held = context.candidate(final)
        reservation = ReservationTerms(
            price=held.price, margin=held.margin, uses=room.terms_of(final, context)
        )
    return Judged(
        request=final,
        context=context,
        rows=rows,
        results=results,
        breaches=breaches,
        sizing=notes,
        reservation=reservation,
        buckets=conduct.drawn_buckets(final, context),
        overrides=_used_up(final, context),
    )


def context_of(request: OrderRequest, before: Before, rows: Rows) -> Context:
    """Judge quotes and session at this moment: the load may have waited for the lock."""
    now = clock.desk_now()
    account = f"account:{request.account}"
    return Context(
        book=rows.book,
        intent=classify(request, rows.book, tickets=rows.around.tickets),
        spec=before.specs[request.instrument],
        specs=before.specs,
        market=market.judge(
            before.latest,
            before.specs,
            now=now,
            stale_after=clock.stale_after(settings.MTQ_QUOTE_STALE_AFTER_S),
            ahead=timedelta(seconds=AHEAD_WALL_S * clock.speed()),
            specs=before.specs,
            rules=instruments.session_rules(),
        ),
        limits=rows.limits,
        levels={
            At.DESK: rows.levels[DESK],
            At.ACCOUNT: rows.levels[account],
            At.SOURCE: rows.levels.get(request.source, rows.levels[DESK]),
        },
        scopes={At.DESK: DESK, At.ACCOUNT: account, At.SOURCE: f"source:{request.source}"},
        now=now,
        is_open=calendar.is_open(request.instrument, at=now),
        minutes_to_close=calendar.minutes_to_close(request.instrument, at=now),
        around=rows.around,
        covariance=before.covariance,
        covariance_fault=before.covariance_fault,
        wall_now=timezone.now(),
        venue_equity=rows.book.account.venue_equity,
        asked=request.quantity,
        bases=before.measures.bases,
        flows=flows_of(rows.book),
    )


def _used_up(request: OrderRequest, context: Context) -> tuple[int, ...]:
    """Return the overrides that were given for exactly this order: whether it needed them or not."""
    found = (context.override(request, check) for check in Overridable)
    return tuple(override.request_id for override in found if override)
