"""Breakers with their thresholds, and open alerts, at a glance."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.risk import alerts
from apps.risk.alerts import AlertView
from apps.risk.domain.breaker import BreakerLevel, LossBase, Threshold
from apps.risk.domain.limits import LOSS_LEVELS, loss_thresholds
from apps.risk.models import BreakerState, RiskLimit
from apps.risk.models.limits import CURRENT

SEVERITY = {"critical": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerGlance:
    """One scope's breaker. `drawdown` is the share lost of `base`, `thresholds` ask for levels 1 to 3.

    `changed_at` and `evaluated_at` are wall time, money is in the account's currency.
    """

    pk: int
    scope: str
    level: BreakerLevel
    drawdown: Decimal
    base: Decimal | None
    base_kind: str
    equity: Decimal | None
    cause: str
    changed_at: datetime
    evaluated_at: datetime | None
    thresholds: tuple[Decimal, ...]

    @property
    def used(self) -> float:
        """Return how much of the way to HALTED the loss has gone, in per cent, at most 100."""
        return min(100.0, float(self.drawdown / self.thresholds[-1]) * 100)

    @property
    def marks(self) -> tuple[float, ...]:
        """Return where the thresholds below HALTED stand on the same way, in per cent."""
        return tuple(float(share / self.thresholds[-1]) * 100 for share in self.thresholds[:-1])


def breakers() -> list[BreakerGlance]:
    """Return the breaker of every scope: desk first, then accounts, then agents."""
    rows = RiskLimit.objects.filter(CURRENT, metric__in=[metric.value for metric in LOSS_LEVELS])
    limits = [row.value() for row in rows]
    order = {"desk": 0, "account": 1}
    states = sorted(
        BreakerState.objects.all(), key=lambda row: (order.get(row.scope.split(":")[0], 2), row.scope)
    )
    return [_glance(row, _least(loss_thresholds(limits, row.scope))) for row in states]


def _least(thresholds: Iterable[Threshold]) -> tuple[Decimal, ...]:
    """Return the lowest share that asks for each level."""
    shares: dict[BreakerLevel, Decimal] = {}
    for threshold in thresholds:
        level, share = threshold.level, threshold.share
        shares[level] = min(share, shares.get(level, share))
    return tuple(shares[level] for level in sorted(shares))


def _glance(row: BreakerState, thresholds: tuple[Decimal, ...]) -> BreakerGlance:
    base = LossBase(row.loss_base)
    amounts = {
        LossBase.HIGH_WATER_MARK: row.high_water_mark,
        LossBase.DAY_START: row.day_start,
        LossBase.INITIAL: row.initial,
    }
    return BreakerGlance(
        pk=row.pk,
        scope=row.scope,
        level=BreakerLevel(row.level),
        drawdown=row.drawdown,
        base=amounts[base],
        base_kind=base.value.replace("_", " "),
        equity=row.equity,
        cause=row.cause,
        changed_at=row.changed_at,
        evaluated_at=row.evaluated_at,
        thresholds=thresholds,
    )


def open_alerts(scopes: Collection[str]) -> list[AlertView]:
    """Return what is open in these scopes, the gravest first."""
    return sorted(alerts.open_alerts(scopes), key=lambda alert: SEVERITY.get(alert.level, 0))
