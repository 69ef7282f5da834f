"""How much of a size is left after losses and at a breaker level."""

from collections.abc import Iterable
from decimal import Decimal

from apps.risk.domain.breaker import Bases, BreakerLevel, Threshold
from apps.risk.domain.sizing.given import CannotSize

NOTHING, WHOLE = Decimal(0), Decimal(1)
WARNING_FACTOR = Decimal("0.5")


def drawdown_factor(drawdown: Decimal, level_2: Decimal) -> Decimal:
    """Return max(0, min(1, 1 - drawdown / level 2)), both shares of equity; `level_2` is above zero."""
    return max(NOTHING, min(WHOLE, WHOLE - drawdown / level_2))


def least_factor(equity: Decimal, bases: Bases | None, thresholds: Iterable[Threshold]) -> Decimal:
    """Return the least drawdown factor over the thresholds of REDUCING, each by its own loss base.

    Before an account was first valued nothing is known to be lost.
    """
    if bases is None:
        return WHOLE
    factors = (
        drawdown_factor(bases.drawdown(equity, threshold.base), threshold.share)
        for threshold in thresholds
        if threshold.level is BreakerLevel.REDUCING
    )
    return min(factors, default=WHOLE)


def level_factor(level: BreakerLevel) -> Decimal:
    """Return the part of an entry that a breaker level leaves. Raise CannotSize where it denies entries."""
    if level >= BreakerLevel.REDUCING:
        raise CannotSize(f"breaker_{level.name.lower()}", f"{level.name} leaves no entry any size")
    return WARNING_FACTOR if level is BreakerLevel.WARNING else WHOLE
