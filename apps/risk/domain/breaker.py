"""The circuit breaker: which level a loss asks for, and what moves the bases that a loss is counted from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum

NOTHING = Decimal(0)
# A level that lowers itself does so only once the loss is back below this part of its threshold,
# so that a price trembling at the threshold does not ring the alarm at every quote.
RECOVERY = Decimal("0.8")


class BreakerLevel(IntEnum):
    NORMAL = 0
    WARNING = 1  # alert, entries halved
    REDUCING = 2  # entries denied
    HALTED = 3  # also cancels entries and closes every position; only a reset leaves it


class LossBase(StrEnum):
    HIGH_WATER_MARK = "high_water_mark"
    DAY_START = "day_start"  # equity at 17:00 New York
    INITIAL = "initial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """From this share of loss on (0.05 = 5 %), counted from its base, the level is asked for."""

    level: BreakerLevel
    share: Decimal
    base: LossBase = LossBase.HIGH_WATER_MARK


@dataclass(frozen=True, slots=True, kw_only=True)
class Bases:
    """What losses are counted from, in the account's currency. `flows` is all cash moved in or out so far."""

    high_water_mark: Decimal
    day_start: Decimal
    initial: Decimal
    flows: Decimal
    day: date

    @classmethod
    def at(cls, equity: Decimal, *, flows: Decimal, day: date) -> "Bases":
        return cls(high_water_mark=equity, day_start=equity, initial=equity, flows=flows, day=day)

    def moved(self, *, flows: Decimal, equity: Decimal) -> "Bases":
        """Move every base with a deposit or withdrawal, so that the share lost stays what it was.

        `equity` already holds the money. A flow is no gain or loss: adding its plain amount would let a
        large deposit shrink a loss below its threshold, and a withdrawal push it above one.
        """
        by = flows - self.flows
        before = equity - by
        scale = equity / before if before > 0 and equity > 0 else None

        def base(amount: Decimal) -> Decimal:
            return amount + by if scale is None else amount * scale

        return replace(
            self,
            high_water_mark=base(self.high_water_mark),
            day_start=base(self.day_start),
            initial=base(self.initial),
            flows=flows,
        )

    def advanced(self, equity: Decimal, *, day: date) -> "Bases":
        """Take over a new peak, and the equity with which a new day begins."""
        return replace(
            self,
            high_water_mark=max(self.high_water_mark, equity),
            day_start=equity if day > self.day else self.day_start,
            day=max(day, self.day),
        )

    def amount(self, base: LossBase) -> Decimal:
        amounts: Mapping[LossBase, Decimal] = {
            LossBase.HIGH_WATER_MARK: self.high_water_mark,
            LossBase.DAY_START: self.day_start,
            LossBase.INITIAL: self.initial,
        }
        return amounts[base]

    def drawdown(self, equity: Decimal, base: LossBase = LossBase.HIGH_WATER_MARK) -> Decimal:
        """Return the share lost since the base, at least 0; below a base of nothing all is lost."""
        amount = self.amount(base)
        if amount <= 0:
            return Decimal(1) if equity < amount else NOTHING
        return max(NOTHING, (amount - equity) / amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    level: BreakerLevel
    drawdown: Decimal  # the one of the threshold that decided, else that of the high-water mark
    base: LossBase
    bases: Bases


def next_level(
    current: BreakerLevel, *, equity: Decimal, bases: Bases, thresholds: Iterable[Threshold], marks_good: bool
) -> tuple[BreakerLevel, Threshold | None]:
    """Return the level for this equity and the threshold that asked for it.

    Jumps upwards are direct. Downwards goes only with good marks, only past the recovery part of each
    threshold, and never out of HALTED.
    """
    raised, kept = BreakerLevel.NORMAL, BreakerLevel.NORMAL
    decisive: Threshold | None = None
    for threshold in sorted(thresholds, key=lambda t: t.level):
        loss = bases.drawdown(equity, threshold.base)
        if loss >= threshold.share:
            raised, decisive = threshold.level, threshold
        if loss >= threshold.share * RECOVERY:
            kept = threshold.level
    if raised >= current:
        return raised, decisive
    if current is BreakerLevel.HALTED or not marks_good:
        return current, decisive
    return max(raised, min(current, kept)), decisive


def assess(
    current: BreakerLevel,
    *,
    equity: Decimal,
    bases: Bases,
    flows: Decimal,
    day: date,
    thresholds: Iterable[Threshold],
    marks_good: bool,
) -> Assessment:
    """Judge one valuation. From marks that are not good neither a peak nor a new day is taken over."""
    bases = bases.moved(flows=flows, equity=equity) if flows != bases.flows else bases
    if marks_good:
        bases = bases.advanced(equity, day=day)
    level, decisive = next_level(
        current, equity=equity, bases=bases, thresholds=thresholds, marks_good=marks_good
    )
    base = decisive.base if decisive else LossBase.HIGH_WATER_MARK
    return Assessment(level=level, drawdown=bases.drawdown(equity, base), base=base, bases=bases)
