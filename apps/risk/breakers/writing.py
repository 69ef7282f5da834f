"""Changes of a breaker's row, with event and alert. Callers hold the scope's lock."""

from decimal import ROUND_HALF_EVEN, Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.broadcast import bell
from apps.marketdata import clock
from apps.risk import alerts
from apps.risk.breakers.noting import note
from apps.risk.domain.breaker import Bases, BreakerLevel, LossBase
from apps.risk.models import BreakerEvent, BreakerState

KEPT = Decimal("1e-10")
TOPIC = "breakers"
GRAVITY = {
    BreakerLevel.WARNING: "warning",
    BreakerLevel.REDUCING: "critical",
    BreakerLevel.HALTED: "critical",
}


def kept(number: Decimal) -> Decimal:
    """Round to the digits that a column keeps."""
    return number.quantize(KEPT, ROUND_HALF_EVEN)


def take_over(row: BreakerState, bases: Bases, *, equity: Decimal, drawdown: Decimal, base: LossBase) -> None:
    """Put a valuation into the row; the caller saves it."""
    row.high_water_mark = kept(bases.high_water_mark)
    row.day_start = kept(bases.day_start)
    row.initial = kept(bases.initial)
    row.flows = kept(bases.flows)
    row.trading_day = bases.day
    row.equity = kept(equity)
    row.drawdown = kept(drawdown)
    row.loss_base = base.value
    row.evaluated_at = timezone.now()


def move(
    row: BreakerState, level: BreakerLevel, *, kind: str, cause: str, by: str, detail: dict[str, Any]
) -> None:
    """Change the level with its epoch, event and alert; the caller saves the row."""
    old = BreakerLevel(row.level)
    row.level = level
    row.epoch += 1
    row.cause = cause[:300]
    row.changed_at = timezone.now()
    BreakerEvent.objects.create(
        scope=row.scope,
        kind=kind,
        old_level=old,
        new_level=level,
        epoch=row.epoch,
        cause=cause[:300],
        by=by,
        equity=row.equity,
        high_water_mark=row.high_water_mark,
        drawdown=row.drawdown,
        detail=detail,
        desk_at=clock.desk_now(),
    )
    told = {"from": old.name, "to": level.name, "epoch": str(row.epoch), "cause": cause[:300], "by": by}
    note(row.scope, kind=f"risk.breaker_{kind}", subject=row.scope, payload=dict(told))
    transaction.on_commit(partial(_tell, row.scope, level, f"{cause} ({by})"), robust=True)
    bell.after_commit(TOPIC, row.scope)


def _tell(scope: str, level: BreakerLevel, text: str) -> None:
    key = f"breaker:{scope}"
    if level is BreakerLevel.NORMAL:
        alerts.close_alert(key=key)
        return
    alerts.raise_alert(
        level=GRAVITY[level],
        rule="breaker",
        scope=scope,
        key=key,
        text=f"{scope} is at {level.name}: {text}",
    )
