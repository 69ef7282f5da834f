"""Where breakers stand, and what moved them, as values."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from apps.risk.domain.breaker import Bases, BreakerLevel, LossBase, Threshold
from apps.risk.domain.limits import LOSS_LEVELS, Limit, Metric, Unit, loss_thresholds
from apps.risk.models import BreakerEvent, BreakerState

DESK = "desk"
ACCOUNT, AGENT = "account:", "agent:"
_STATES = "SELECT * FROM risk_breakerstate WHERE scope = ANY(%s)"
_LOSSES = """
SELECT jsonb_agg(jsonb_build_array(scope, metric, hard::text, loss_base) ORDER BY id) FROM risk_risklimit
WHERE metric = ANY(%s) AND ended_at IS NULL AND effective_from <= clock_timestamp()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerView:
    """Money is in the account's currency and None before the first valuation; times are wall time."""

    scope: str
    level: BreakerLevel
    epoch: int
    equity: Decimal | None
    high_water_mark: Decimal | None
    drawdown: Decimal
    loss_base: LossBase
    cause: str
    changed_at: datetime
    evaluated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerEventView:
    """`kind`: raised, lowered, tripped, reset; or a fact that leaves the level as it is.

    Facts are escalate, margin_closeout and margin_restored.
    """

    id: int
    scope: str
    kind: str
    old_level: BreakerLevel
    level: BreakerLevel
    epoch: int
    cause: str
    by: str
    equity: Decimal | None
    drawdown: Decimal
    detail: dict[str, Any]
    desk_at: datetime
    created_at: datetime


def states(scopes: Iterable[str]) -> dict[str, BreakerState]:
    """Return a row for each scope; one that never had any is born NORMAL."""
    wanted = list(scopes)
    found = _stored(wanted)
    missing = [scope for scope in wanted if scope not in found]
    if missing:
        BreakerState.objects.bulk_create(
            [BreakerState(scope=scope) for scope in missing], ignore_conflicts=True
        )
        found |= _stored(missing)
    return found


def _stored(scopes: list[str]) -> dict[str, BreakerState]:
    # Asked four times a second for each account: the ORM would spend more on the query than on the row.
    return {row.scope: row for row in BreakerState.objects.raw(_STATES, [scopes])}


def state(scope: str) -> BreakerView:
    """Return where a scope stands."""
    row = states([scope])[scope]
    return BreakerView(
        scope=row.scope,
        level=BreakerLevel(row.level),
        epoch=row.epoch,
        equity=row.equity,
        high_water_mark=row.high_water_mark,
        drawdown=row.drawdown,
        loss_base=LossBase(row.loss_base),
        cause=row.cause,
        changed_at=row.changed_at,
        evaluated_at=row.evaluated_at,
    )


def events_after(last_id: int, *, look_back_s: float = 0) -> list[BreakerEventView]:
    """Return events with a higher id, oldest first.

    Two scopes may commit against the order of their ids: who must not miss one gives `look_back_s`, gets
    the events of the last seconds again, and handles an event twice without harm.
    """
    wanted = Q(id__gt=last_id)
    if look_back_s:
        wanted |= Q(created_at__gt=timezone.now() - timedelta(seconds=look_back_s))
    return [_event(row) for row in BreakerEvent.objects.filter(wanted).order_by("id")]


def _event(row: BreakerEvent) -> BreakerEventView:
    return BreakerEventView(
        id=row.pk,
        scope=row.scope,
        kind=row.kind,
        old_level=BreakerLevel(row.old_level),
        level=BreakerLevel(row.new_level),
        epoch=row.epoch,
        cause=row.cause,
        by=row.by,
        equity=row.equity,
        drawdown=row.drawdown,
        detail=row.detail,
        desk_at=row.desk_at,
        created_at=row.created_at,
    )


def thresholds(scope: str) -> tuple[Threshold, ...]:
    """Return the losses at which a scope's levels begin, from the limits in force."""
    with connection.cursor() as cursor:
        cursor.execute(_LOSSES, [[metric.value for metric in LOSS_LEVELS]])
        rows: str | None = cursor.fetchone()[0]
    return _thresholds(rows or "[]", scope)


@lru_cache(maxsize=64)
def _thresholds(rows: str, scope: str) -> tuple[Threshold, ...]:
    """Make values of the rows; kept by their whole text, so a changed row is never missed."""
    limits = (
        Limit(
            scope=pattern,
            metric=Metric(metric),
            soft=None,
            hard=Decimal(hard),
            unit=Unit.SHARE,
            loss_base=LossBase(base),
        )
        for pattern, metric, hard, base in json.loads(rows)
    )
    return loss_thresholds(limits, scope)


def bases_of(row: BreakerState) -> Bases | None:
    """Return what the row's losses are counted from, None before the first valuation."""
    marks = (row.high_water_mark, row.day_start, row.initial, row.flows, row.trading_day)
    if None in marks:
        return None
    return Bases(
        high_water_mark=row.high_water_mark or Decimal(0),
        day_start=row.day_start or Decimal(0),
        initial=row.initial or Decimal(0),
        flows=row.flows or Decimal(0),
        day=row.trading_day or timezone.now().date(),
    )
