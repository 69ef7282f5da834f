"""Puts a round into its rows: one gauge for each scope, and once a minute a snapshot to keep."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.utils import timezone

from apps.risk.breakers.writing import kept
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.models import BreakerState, RiskGauge, RiskSnapshot
from apps.risk.snapshots.figures import figures_of
from apps.risk.snapshots.losing import Losses, losses_of
from apps.risk.snapshots.reading import Reading, Round

DESK, ACCOUNT, SOURCE = "desk", "account:", "source:"
FIGURES_EVERY = timedelta(seconds=60)
KEPT_FOR = timedelta(days=30)
PRUNED_AT_ONCE = 1_000
LONGEST_FAULT = 200
DAY_LOSS_HELD = "day_loss_held"  # marks are old: less than what was measured last does not count
STEP = Decimal("1e-10")  # of the column

MEASURED = (
    "number", "currency", "level", "equity", "high_water_mark", "drawdown", "profit", "day_loss", "gross",
    "net", "margin_used", "sigma", "var", "es", "covariance", "open_orders", "marks_good", "fault", "desk_at",
)  # fmt: skip
BASES = ("measured_at", "peak_profit", "day_profit", "trading_day")
FIGURES = ("figures", "figured_at")


def write(found: Round, *, figures: bool | None = None) -> None:
    """Write a round down inside the caller's transaction, unless a later one was faster.

    `figures` also writes what pages show beside, and keeps a snapshot of every scope that holds something or
    did; None does so once a minute. Snapshots are kept for 30 days.
    """
    held = {
        row.scope: row for row in RiskGauge.objects.select_for_update().defer("figures").order_by("scope")
    }
    desk = held.get(DESK)
    if desk is not None and desk.number > found.number:
        return
    if figures is None:
        figures = desk is None or _is_due(desk, found)
    rows = _gauges(found, held, figures=figures)
    fields = [*MEASURED, *BASES, *(FIGURES if figures else ())]
    RiskGauge.objects.bulk_create(rows, update_conflicts=True, unique_fields=["scope"], update_fields=fields)
    # A source that never held anything and has no order left is not measured again: its old row would deny
    # its next entry as one that nobody measures any more.
    RiskGauge.objects.filter(scope__startswith=SOURCE).exclude(scope__in=found.readings).delete()
    if figures:
        RiskSnapshot.objects.bulk_create([_snapshot(row) for row in rows if _is_worth_keeping(row, held)])
        _prune()


def _is_due(desk: RiskGauge, found: Round) -> bool:
    """Tell whether pages need new figures: a minute has gone by, or they stand on another covariance."""
    version = found.ground.covariance.version if found.ground.covariance else 0
    if desk.figured_at is None or desk.covariance != version:
        return True
    return found.began_at - desk.figured_at >= FIGURES_EVERY


def _gauges(found: Round, held: Mapping[str, RiskGauge], *, figures: bool) -> list[RiskGauge]:
    states = {
        state.scope: state for state in BreakerState.objects.filter(scope__in=map(_breaker, found.readings))
    }
    desk = found.readings[DESK]
    rows = []
    for scope, reading in found.readings.items():
        state = states.get(_breaker(scope))
        losses = losses_of(
            reading, state, held.get(scope), day=found.ground.seen.day, desk_equity=desk.equity
        )
        row = _gauge(scope, reading, found, losses)
        row.level = BreakerLevel(state.level) if state else BreakerLevel.NORMAL
        if figures:
            row.figures, row.figured_at = figures_of(reading), found.began_at
        rows.append(row)
    return rows


def _gauge(scope: str, reading: Reading, found: Round, losses: Losses) -> RiskGauge:
    exposure, risk = reading.exposure, reading.risk
    return RiskGauge(
        scope=scope,
        number=found.number,
        currency=found.ground.base,
        equity=_kept(_equity(reading, losses)),
        profit=_kept(reading.profit),
        high_water_mark=_kept(losses.high_water_mark),
        drawdown=_kept(losses.drawdown),
        day_loss=_kept(losses.day_loss),
        gross=_kept(exposure.gross if exposure else None),
        net=_kept(exposure.net if exposure else None),
        margin_used=_kept(exposure.margin if exposure else None),
        sigma=_raised(risk.sigma),
        var=_raised(risk.var),
        es=_raised(risk.es),
        covariance=found.ground.covariance.version if found.ground.covariance else 0,
        open_orders=reading.open_orders,
        marks_good=reading.marks_good,
        fault=_fault(risk.fault, losses)[:LONGEST_FAULT],
        desk_at=found.ground.seen.now,
        measured_at=found.began_at,
        peak_profit=_kept(losses.peak_profit),
        day_profit=_kept(losses.day_profit),
        trading_day=losses.day,
    )


def _equity(reading: Reading, losses: Losses) -> Decimal | None:
    if reading.equity is None or losses.most_equity is None:
        return reading.equity
    return min(reading.equity, losses.most_equity)


def _fault(fault: str, losses: Losses) -> str:
    return f"{DAY_LOSS_HELD}; {fault}".removesuffix("; ") if losses.day_loss_held else fault


def _snapshot(row: RiskGauge) -> RiskSnapshot:
    values: dict[str, Any] = {name: getattr(row, name) for name in (*MEASURED, "scope", "figures")}
    account = row.scope.removeprefix(ACCOUNT) if row.scope.startswith(ACCOUNT) else ""
    return RiskSnapshot(account=account, **values)


def _is_worth_keeping(row: RiskGauge, held: Mapping[str, RiskGauge]) -> bool:
    """Leave out a source that holds nothing and did not before: most agents of a desk are flat."""
    before = held.get(row.scope)
    busy = row.gross != 0 or row.open_orders or (before is not None and before.gross)
    return bool(busy) or not row.scope.startswith(SOURCE)


def _prune() -> None:
    oldest = RiskSnapshot.objects.order_by("id").values_list("id", "created_at")[:PRUNED_AT_ONCE]
    limit = timezone.now() - KEPT_FOR
    gone = [number for number, created_at in oldest if created_at < limit]
    if gone:
        RiskSnapshot.objects.filter(id__in=gone).delete()


def _breaker(scope: str) -> str:
    """Return the scope by which breakers name it: agents have one, persons have none."""
    return scope.removeprefix(SOURCE)


def _kept(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else kept(amount)


def _raised(amount: Decimal | None) -> Decimal | None:
    """Round up to what the column keeps: a limit is compared with it."""
    return None if amount is None else amount.quantize(STEP, ROUND_CEILING)
