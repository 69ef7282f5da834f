"""What closed round trips say of an edge."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

NOTHING = Decimal(0)
LAST = 250  # round trips that count
FEWEST = 30  # round trips before which nothing is known


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeStatistics:
    """Returns are on notional, after costs. A loss is positive here; `variance` has ddof 1.

    `wins` counts trips that gained; what neither gained nor lost is not won. A mean of nothing is None.
    """

    count: int
    wins: int
    mean_win: Decimal | None
    mean_loss: Decimal | None
    mean: Decimal
    variance: Decimal | None
    is_paper: bool

    @property
    def enough(self) -> bool:
        return self.count >= FEWEST


def statistics(returns: Sequence[Decimal], *, is_paper: bool) -> TradeStatistics:
    """Sum up the last 250 returns, oldest first. `mean_loss` is the mean of all that were not won."""
    last = returns[-LAST:]
    won = [gain for gain in last if gain > 0]
    lost = [-gain for gain in last if gain <= 0]
    mean = _mean(last) or NOTHING
    squares = sum(((gain - mean) ** 2 for gain in last), NOTHING)
    return TradeStatistics(
        count=len(last),
        wins=len(won),
        mean_win=_mean(won),
        mean_loss=_mean(lost),
        mean=mean,
        variance=squares / (len(last) - 1) if len(last) > 1 else None,
        is_paper=is_paper,
    )


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, NOTHING) / len(values) if values else None
