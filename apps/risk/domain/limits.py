"""Limits as values: which of the rows apply to an order, and the tightest of them per scope and metric."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase

from apps.risk.domain.breaker import BreakerLevel, LossBase, Threshold
from apps.risk.domain.measures import OF_EQUITY, OF_ONE, REQUIRED, SCOPES, UNITS, Metric, Unit

__all__ = [
    "DEFAULT_LOSS",
    "LOSS_LEVELS",
    "OF_ONE",
    "REQUIRED",
    "SCOPES",
    "UNITS",
    "Applying",
    "Limit",
    "Metric",
    "MissingLimit",
    "RiskLimits",
    "Unit",
    "loss_thresholds",
    "tightest_of",
]

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

    def applies(self, *, scope: str, instrument: str, currencies: Iterable[str] = ()) -> bool:
        """Tell whether the row bounds an order of the scope; `currencies` are those that it would move."""
        named = self.instrument in {"", instrument} and (not self.currency or self.currency in currencies)
        return named and fnmatchcase(scope, self.scope)

    @property
    def key(self) -> str:
        """Return the instrument or currency that it counts alone, or nothing."""
        return self.instrument or self.currency

    @property
    def fits(self) -> bool:
        """Tell whether the unit is one that the metric can be measured in."""
        return self.unit in UNITS[self.metric]

    @property
    def is_judged(self) -> bool:
        """Tell whether the metric is judged at all in a scope like its own."""
        judged = SCOPES.get(self.metric)
        return judged is None or self.scope.partition(":")[0] in judged

    @property
    def is_whole(self) -> bool:
        """Tell whether it counts all instruments and currencies together."""
        return not self.instrument and not self.currency

    @property
    def of_equity(self) -> bool:
        """Tell whether the figures are times, or shares, of equity."""
        return self.unit is Unit.EQUITY or (self.unit is Unit.SHARE and self.metric in OF_EQUITY)

    def ceiling(self, equity: Decimal) -> Decimal:
        """Return the hard limit in the unit of its metric; NaN raises InvalidOperation when compared."""
        return self.hard * equity if self.of_equity else self.hard

    def soft_ceiling(self, equity: Decimal) -> Decimal | None:
        if self.soft is None or not self.of_equity:
            return self.soft
        return self.soft * equity


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying:
    """Rows that apply to an order in one scope.

    `complete` where one of them bounds all of the scope, `of_equity` where one needs its equity, `misfit` is
    one in a unit that its metric has not.
    """

    rows: tuple[Limit, ...]
    complete: bool
    of_equity: bool
    misfit: Limit | None = None


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """All rows in force at one moment. What applies to an order is found once and kept."""

    rows: tuple[Limit, ...]
    _found: dict[tuple[str, Metric, str, tuple[str, ...]], Applying] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )
    _versions: dict[str, int] = field(init=False, default_factory=dict, compare=False, repr=False)

    def found(
        self, scope: str, metric: Metric, *, instrument: str, currencies: tuple[str, ...] = ()
    ) -> Applying:
        """Return every row that applies, and whether they bound the whole scope."""
        key = (scope, metric, instrument, currencies)
        held = self._found.get(key)
        if held is None:
            rows = tuple(
                row
                for row in self.rows
                if row.metric is metric
                and row.applies(scope=scope, instrument=instrument, currencies=currencies)
            )
            complete = any(row.is_whole or (metric in OF_ONE and not row.currency) for row in rows)
            of_equity = any(row.of_equity for row in rows)
            misfit = next((row for row in rows if not row.fits), None)
            held = self._found[key] = Applying(
                rows=rows, complete=complete, of_equity=of_equity, misfit=misfit
            )
        return held

    def applying(
        self, scope: str, metric: Metric, *, instrument: str, currencies: tuple[str, ...] = ()
    ) -> tuple[Limit, ...]:
        """Return every row that applies, also where that is none."""
        return self.found(scope, metric, instrument=instrument, currencies=currencies).rows

    def of(
        self, scope: str, metric: Metric, *, instrument: str, currencies: tuple[str, ...] = ()
    ) -> tuple[Limit, ...]:
        """Return every row that applies. Raise MissingLimit when none does.

        A row of an instrument does not stand in for one of all instruments, unless the metric is of one.
        """
        found = self.found(scope, metric, instrument=instrument, currencies=currencies)
        if not found.complete:
            raise MissingLimit(scope, metric)
        return found.rows

    def tightest(
        self,
        scope: str,
        metric: Metric,
        *,
        instrument: str,
        currencies: tuple[str, ...] = (),
        equity: Decimal = Decimal(1),
    ) -> tuple[Limit, ...]:
        """Return the tightest row for the whole scope, for the instrument alone and for each currency."""
        rows = self.of(scope, metric, instrument=instrument, currencies=currencies)
        return tightest_of(rows, equity=equity)

    def one(self, scope: str, metric: Metric, *, instrument: str) -> Decimal:
        """Return the tightest hard value that applies, for parameters such as the collar."""
        pick = max if metric.is_floor else min
        return pick(row.hard for row in self.of(scope, metric, instrument=instrument))

    def versions(self) -> Mapping[str, int]:
        """Return which version of each row was in force, to be kept with the review."""
        if not self._versions:
            self._versions.update({_named(row): row.version for row in self.rows})
        return self._versions


def tightest_of(rows: Iterable[Limit], *, equity: Decimal = Decimal(1)) -> tuple[Limit, ...]:
    """Return of rows of one scope and metric the tightest of each kind: whole, by instrument, by currency."""
    picked: dict[tuple[str, str], Limit] = {}
    for row in rows:
        kind = (row.instrument, row.currency)
        held = picked.get(kind)
        if held is None or _is_tighter(row, held, equity):
            picked[kind] = row
    return tuple(picked[kind] for kind in sorted(picked))


def _is_tighter(row: Limit, held: Limit, equity: Decimal) -> bool:
    new, old = row.ceiling(equity), held.ceiling(equity)
    return new > old if row.metric.is_floor else new < old


def _named(row: Limit) -> str:
    return f"{row.scope}:{row.metric}:{row.key}".rstrip(":")


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
