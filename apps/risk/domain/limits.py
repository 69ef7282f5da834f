"""Limits as values: which of the rows apply to an order, and the tightest of them per scope and metric."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase

from apps.risk.domain.breaker import BreakerLevel, LossBase, Threshold


class Metric(StrEnum):
    """What is limited. Sizes are lots, shares are parts of one.

    Money is in the account's currency at an account, in the desk's base currency at the desk and a source.
    """

    ORDER_SIZE = "order_size"
    ORDER_VALUE = "order_value"
    ORDER_EQUITY = "max_order_equity"
    POSITION = "position"
    GROSS = "gross"
    NET = "net"
    MARGIN = "margin"
    OPEN_ORDERS = "open_orders"
    ENTRIES_DAY = "entries_day"
    VALUE_DAY = "value_day"
    DAY_LOSS = "day_loss"
    FREE_MARGIN = "min_free_margin"
    SIGMA = "sigma"
    VAR = "var"
    ES = "es"
    COLLAR = "collar"
    GAP_FACTOR = "gap_factor"
    MESSAGE_RATE = "message_rate"
    MESSAGE_BURST = "message_burst"
    REPEATS = "repeats"
    LOSS_WARNING = "loss_warning"
    LOSS_REDUCING = "loss_reducing"
    LOSS_HALTED = "loss_halted"

    @property
    def is_floor(self) -> bool:
        return self is Metric.FREE_MARGIN


class Unit(StrEnum):
    LOTS = "lots"
    MONEY = "money"
    EQUITY = "equity"  # times the equity of the account, of the whole desk at the desk and a source
    COUNT = "count"
    SHARE = "share"
    TIMES = "times"
    PER_SECOND = "per_second"


# Each of these is needed at desk, account and source: an order without one of them is denied `no_limit`.
REQUIRED = (
    Metric.ORDER_SIZE,
    Metric.ORDER_VALUE,
    Metric.POSITION,
    Metric.GROSS,
    Metric.NET,
    Metric.MARGIN,
    Metric.OPEN_ORDERS,
    Metric.ENTRIES_DAY,
    Metric.VALUE_DAY,
    Metric.DAY_LOSS,
)
LOSS_LEVELS = {
    Metric.LOSS_WARNING: BreakerLevel.WARNING,
    Metric.LOSS_REDUCING: BreakerLevel.REDUCING,
    Metric.LOSS_HALTED: BreakerLevel.HALTED,
}
DEFAULT_LOSS = {
    BreakerLevel.WARNING: Decimal("0.05"),
    BreakerLevel.REDUCING: Decimal("0.10"),
    BreakerLevel.HALTED: Decimal("0.15"),
}


class MissingLimit(LookupError):  # noqa: N818 - it names what is missing
    """A limit that every order needs has no row."""

    def __init__(self, scope: str, metric: Metric) -> None:
        super().__init__(f"no {metric} limit applies to {scope}")
        self.scope = scope
        self.metric = metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One row. `scope` is `desk`, `account:<slug>` or `source:<source>`; it may end in `*`.

    `instrument` and `currency` are empty where the row counts for all of them together; at most one is named.
    """

    scope: str
    metric: Metric
    soft: Decimal | None
    hard: Decimal
    unit: Unit
    instrument: str = ""
    currency: str = ""
    loss_base: LossBase = LossBase.HIGH_WATER_MARK
    version: int = 1

    def applies(self, *, scope: str, instrument: str) -> bool:
        return self.instrument in {"", instrument} and fnmatchcase(scope, self.scope)

    def ceiling(self, equity: Decimal) -> Decimal:
        """Return the hard limit in the unit of its metric; NaN raises InvalidOperation when compared."""
        return self.hard * equity if self.unit is Unit.EQUITY else self.hard

    def soft_ceiling(self, equity: Decimal) -> Decimal | None:
        if self.soft is None or self.unit is not Unit.EQUITY:
            return self.soft
        return self.soft * equity


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """All rows in force at one moment."""

    rows: tuple[Limit, ...]

    def of(self, scope: str, metric: Metric, *, instrument: str) -> tuple[Limit, ...]:
        """Return every row that applies. Raise MissingLimit when none does."""
        found = tuple(
            row
            for row in self.rows
            if row.metric is metric and row.applies(scope=scope, instrument=instrument)
        )
        if not found:
            raise MissingLimit(scope, metric)
        return found

    def tightest(
        self, scope: str, metric: Metric, *, instrument: str, equity: Decimal = Decimal(1)
    ) -> tuple[Limit, ...]:
        """Return the tightest row for the whole scope and the tightest for the instrument alone, if any."""
        rows = self.of(scope, metric, instrument=instrument)
        pick = max if metric.is_floor else min
        kinds = {row.instrument for row in rows}
        return tuple(
            pick((row for row in rows if row.instrument == kind), key=lambda row: row.ceiling(equity))
            for kind in sorted(kinds)
        )

    def one(self, scope: str, metric: Metric, *, instrument: str) -> Decimal:
        """Return the least hard value that applies, for parameters such as the collar."""
        return min(row.hard for row in self.of(scope, metric, instrument=instrument))

    def versions(self) -> dict[str, int]:
        """Return which version of each row was in force, to be kept with the review."""
        return {f"{row.scope}:{row.metric}:{row.instrument}".rstrip(":"): row.version for row in self.rows}


def loss_thresholds(rows: Iterable[Limit], scope: str) -> tuple[Threshold, ...]:
    """Return the breaker's thresholds for a scope: each row that applies, and 5, 10, 15 % where none does.

    A row may be looser than the default; without a row the default stands, so that no scope is unguarded.
    """
    found = [
        Threshold(level=LOSS_LEVELS[row.metric], share=row.hard, base=row.loss_base)
        for row in rows
        if row.metric in LOSS_LEVELS and fnmatchcase(scope, row.scope)
    ]
    named = {threshold.level for threshold in found}
    defaults = [
        Threshold(level=level, share=share) for level, share in DEFAULT_LOSS.items() if level not in named
    ]
    return tuple(sorted([*found, *defaults], key=lambda threshold: (threshold.level, threshold.share)))
