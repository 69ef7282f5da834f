"""What every scope measured last, as values: pages show it, limits are judged by it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from apps.risk.domain.breaker import BreakerLevel
from apps.risk.models import RiskGauge


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeRisk:
    """The newest figures of a scope. Money is in `currency`, the desk's base; None is not known, not nought.

    `sigma`, `var`, `es` are those of limits: one day, 99 %, EWMA, every open entry on its own added; `fault`
    says why some figure is missing. `profit` is all that was won or lost, `day_loss` what was lost since
    17:00 New York (0 after a gain), `drawdown` the share below the peak, for a source of the desk's equity.

    `figures`, made at `figured_at` (wall time, about once a minute), holds texts of exact numbers:
    `days` (of history behind it), `var` and `es` (each by method: `historical`, `normal`, `ewma`; positions
    alone, an empty text where it is not known), `factors` (net exposure by `currency|EUR` or
    `instrument|US500`), `instruments` (signed value by instrument), and floats: `correlation` with `names`
    and `rows`, of the factors that the scope is exposed to.
    """

    scope: str
    number: int
    currency: str
    level: BreakerLevel
    equity: Decimal | None
    high_water_mark: Decimal | None
    drawdown: Decimal | None
    profit: Decimal | None
    day_loss: Decimal | None
    gross: Decimal | None
    net: Decimal | None
    margin_used: Decimal | None
    sigma: Decimal | None
    var: Decimal | None
    es: Decimal | None
    covariance: int
    open_orders: int
    marks_good: bool
    fault: str
    desk_at: datetime
    measured_at: datetime
    trading_day: date | None
    figures: dict[str, Any]
    figured_at: datetime | None


def latest(scopes: Collection[str] | None = None) -> dict[str, ScopeRisk]:
    """Return the newest figures of scopes (`desk`, `account:<slug>`, `source:<source>`), of all for None.

    They are at most some two seconds old while risk's beat runs; `measured_at` tells.
    """
    rows = RiskGauge.objects.all() if scopes is None else RiskGauge.objects.filter(scope__in=list(scopes))
    return {row.scope: _value(row) for row in rows}


def _value(row: RiskGauge) -> ScopeRisk:
    return ScopeRisk(
        scope=row.scope,
        number=row.number,
        currency=row.currency,
        level=BreakerLevel(row.level),
        equity=row.equity,
        high_water_mark=row.high_water_mark,
        drawdown=row.drawdown,
        profit=row.profit,
        day_loss=row.day_loss,
        gross=row.gross,
        net=row.net,
        margin_used=row.margin_used,
        sigma=row.sigma,
        var=row.var,
        es=row.es,
        covariance=row.covariance,
        open_orders=row.open_orders,
        marks_good=row.marks_good,
        fault=row.fault,
        desk_at=row.desk_at,
        measured_at=row.measured_at,
        trading_day=row.trading_day,
        figures=row.figures,
        figured_at=row.figured_at,
    )
