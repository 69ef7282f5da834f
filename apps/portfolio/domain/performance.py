"""How well it went, over plain sequences. None where there is too little to say."""

import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

NOTHING = Decimal(0)


def drawdown(equity: Sequence[Decimal]) -> Decimal:
    """Return how far the last value is below the highest one, as a share of that peak."""
    return _below(max(equity), equity[-1]) if equity else NOTHING


def max_drawdown(equity: Sequence[Decimal]) -> Decimal:
    """Return the largest fall from a peak to a later value, as a share of that peak."""
    worst, peak = NOTHING, None
    for value in equity:
        peak = value if peak is None else max(peak, value)
        worst = max(worst, _below(peak, value))
    return worst


def returns(equity: Sequence[Decimal]) -> list[float]:
    """Return the relative changes from each value to the next; none after a value that is not positive."""
    pairs = pairwise(equity)
    return [float(after / before - 1) for before, after in pairs if before > 0]


def sharpe(changes: Sequence[float], *, periods_per_year: float) -> float | None:
    """Return mean over sample deviation of returns, to the year, without a riskless rate."""
    if len(changes) < 2:
        return None
    mean = math.fsum(changes) / len(changes)
    variance = math.fsum((change - mean) ** 2 for change in changes) / (len(changes) - 1)
    if variance <= 0:
        return None
    return mean / math.sqrt(variance) * math.sqrt(periods_per_year)


def win_rate(profits: Sequence[Decimal]) -> Decimal | None:
    """Return the share of closed trades that made money; one without profit or loss counts as not won."""
    if not profits:
        return None
    return Decimal(sum(profit > 0 for profit in profits)) / len(profits)


def profit_factor(profits: Sequence[Decimal]) -> Decimal | None:
    """Return money won over money lost; None while nothing was lost."""
    lost = -sum((profit for profit in profits if profit < 0), NOTHING)
    won = sum((profit for profit in profits if profit > 0), NOTHING)
    return won / lost if lost else None


def _below(peak: Decimal, value: Decimal) -> Decimal:
    return (peak - value) / peak if peak > 0 else NOTHING
