"""Limits in force, as values."""

import json
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from django.db import connection

from apps.risk.domain.breaker import LossBase
from apps.risk.domain.limits import Limit, Metric, RiskLimits, Unit

# Exact numbers travel as text: JSON has none. Rows in a fixed order, so that equal rows are equal text.
_LIMITS = """
SELECT jsonb_agg(jsonb_build_array(
    l.scope, l.metric, l.instrument, l.currency, l.soft::text, l.hard::text, l.unit, l.loss_base, l.version
 ) ORDER BY l.scope, l.metric, l.instrument, l.currency) FROM risk_risklimit l
WHERE l.instrument IN ('', %s) AND l.ended_at IS NULL AND l.effective_from <= clock_timestamp()
    AND (l.scope = ANY(%s) OR right(l.scope, 1) = '*')
"""


def limits(scopes: Sequence[str], *, instrument: str) -> RiskLimits:
    """Return the limits that may apply to these scopes; a limit's own pattern decides whether it does."""
    with connection.cursor() as cursor:
        cursor.execute(_LIMITS, [instrument, list(scopes)])
        return values(cursor.fetchone()[0] or "[]")


@lru_cache(maxsize=64)
def values(text: str) -> RiskLimits:
    """Make values of rows as JSON; kept by the whole text, so a changed row is never missed."""
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
            for scope, metric, instrument, currency, soft, hard, unit, base, version in json.loads(text)
        )
    )
