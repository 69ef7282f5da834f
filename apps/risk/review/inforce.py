"""What of risk's own rows is in force: statements by hand, since they run with every order."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from django.db import connection
from django.utils import timezone

from apps.risk import breakers
from apps.risk.domain.breaker import BreakerLevel, LossBase
from apps.risk.domain.limits import Limit, Metric, RiskLimits, Unit

# Exact numbers travel as text: JSON has none. Rows in a fixed order, so that equal rows are equal text.
_IN_FORCE = """
SELECT
    (SELECT jsonb_agg(jsonb_build_array(s.scope, s.level, s.epoch, s.day_start::text))
     FROM risk_breakerstate s WHERE s.scope = ANY(%s)),
    (SELECT jsonb_agg(jsonb_build_array(
        l.scope, l.metric, l.instrument, l.currency, l.soft::text, l.hard::text, l.unit, l.loss_base,
        l.version
     ) ORDER BY l.scope, l.metric, l.instrument, l.currency) FROM risk_risklimit l
     WHERE l.instrument IN ('', %s) AND l.ended_at IS NULL AND l.effective_from <= %s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one breaker stands. `day_start` is an account's equity at the day roll, where it was valued."""

    level: BreakerLevel
    epoch: int
    day_start: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    standings: dict[str, Standing]
    limits: RiskLimits


UNBORN = Standing(level=BreakerLevel.NORMAL, epoch=1, day_start=None)


def read(scopes: Sequence[str], *, instrument: str) -> InForce:
    """Return the breakers of these scopes, born NORMAL where they never stood, and the limits that may apply.

    A limit's own pattern decides whether it does.
    """
    found = _read(scopes, instrument)
    if len(found.standings) < len(set(scopes)):
        breakers.states(scopes)
        found = _read(scopes, instrument)
    return found


def look(scopes: Sequence[str], *, instrument: str) -> InForce:
    """Return what `read` would, writing nothing: a scope that never stood is taken as it would be born."""
    found = _read(scopes, instrument)
    return replace(found, standings=dict.fromkeys(scopes, UNBORN) | found.standings)


def _read(scopes: Sequence[str], instrument: str) -> InForce:
    with connection.cursor() as cursor:
        cursor.execute(_IN_FORCE, [list(scopes), instrument, timezone.now()])
        states, limits = cursor.fetchone()
    return InForce(
        standings={
            scope: Standing(
                level=BreakerLevel(level),
                epoch=epoch,
                day_start=None if day_start is None else Decimal(day_start),
            )
            for scope, level, epoch, day_start in json.loads(states or "[]")
        },
        limits=_limits(limits or "[]"),
    )


@lru_cache(maxsize=64)
def _limits(rows: str) -> RiskLimits:
    """Make values of the rows; kept by their whole text, so a changed row is never missed."""
    return RiskLimits(
        tuple(
            Limit(
                scope=scope,
                metric=Metric(metric),
                instrument=instrument,
                currency=currency,
                soft=None if soft is None else Decimal(soft),
                hard=Decimal(hard),
                unit=Unit(unit),
                loss_base=LossBase(base),
                version=version,
            )
            for scope, metric, instrument, currency, soft, hard, unit, base, version in json.loads(rows)
        )
    )
