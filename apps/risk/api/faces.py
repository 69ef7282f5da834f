"""What REST sends of limits with their use, of denials, of one review, and of what risk measures."""

from collections.abc import Iterable
from typing import Any

from apps.edges.shapes import amount, instant
from apps.risk import overview
from apps.risk.gauges import ScopeRisk
from apps.risk.models import RiskReview
from apps.risk.overview import Denials, Exposure, Headroom
from apps.risk.review import keeping

Body = dict[str, Any]


def limit_body(row: Headroom) -> Body:
    """Return one limit with its use."""
    return {
        "id": row.limit_id,
        "scope": row.scope,
        "scope_name": overview.scope_name(row.scope),
        "metric": row.metric.value,
        "name": overview.metric_name(row.metric),
        "counts": row.counts,
        "at": row.at,
        "unit": row.unit,
        "currency": row.currency,
        "used": amount(row.used),
        "soft": amount(row.soft),
        "hard": amount(row.hard),
        "left": amount(row.left),
        "share": None if row.share is None else float(row.share),
        "is_floor": row.metric.is_floor,
        "is_over": row.is_over,
        "is_soft": row.is_soft,
        "each_order": row.each_order,
        "why": row.why,
        "version": row.version,
    }


def denials_body(row: Denials) -> Body:
    """Return how often one check denied."""
    return {
        "check": row.check,
        "count": row.count,
        "sources": dict(row.sources),
        "instruments": dict(row.instruments),
    }


def review_body(row: RiskReview) -> Body:
    """Return one review with everything it was judged by."""
    return {
        "id": row.pk,
        "order": row.client_order_id,
        "account": row.account,
        "source": row.source,
        "source_name": overview.source_name(row.source),
        "instrument": row.instrument,
        "verdict": row.verdict,
        "soft": row.soft,
        "created_at": instant(row.created_at),
        "elapsed_ms": row.elapsed_ms,
        "request": row.request,
        "checks": list(keeping.checks_of(row.results, row.reasons)),
        "sizing": row.sizing,
        "quotes": row.quotes,
        "levels": row.levels,
        "limit_versions": row.limit_versions,
    }


def risk_body(found: ScopeRisk) -> Body:
    """Return what a scope measured last."""
    kept = overview.measured(found)
    return {
        "scope": found.scope,
        "scope_name": overview.scope_name(found.scope),
        "currency": found.currency,
        "level": int(found.level),
        "level_name": found.level.name,
        "equity": amount(found.equity),
        "drawdown": None if found.drawdown is None else float(found.drawdown),
        "profit": amount(found.profit),
        "day_loss": amount(found.day_loss),
        "gross": amount(found.gross),
        "net": amount(found.net),
        "margin_used": amount(found.margin_used),
        "open_orders": found.open_orders,
        "sigma": amount(found.sigma),
        "var": amount(found.var),
        "es": amount(found.es),
        "methods": [
            {"method": one.name, "var": amount(one.var), "es": amount(one.es)} for one in kept.methods
        ],
        "days": kept.days,
        "exposures": _exposures(kept.exposures),
        "instruments": _exposures(kept.instruments),
        "correlation": kept.correlation
        and {"names": list(kept.correlation.names), "rows": [list(row) for row in kept.correlation.rows]},
        "missing": found.fault,
        "marks_good": found.marks_good,
        "desk_at": instant(found.desk_at),
        "measured_at": instant(found.measured_at),
        "figured_at": instant(found.figured_at),
    }


def _exposures(found: Iterable[Exposure]) -> list[Body]:
    return [{"of": one.of, "name": one.name, "amount": amount(one.amount)} for one in found]
