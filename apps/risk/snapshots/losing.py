"""What a scope has lost: an account by its breaker's bases, the desk and sources by their own profit."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from apps.risk.models import BreakerState, RiskGauge
from apps.risk.snapshots.reading import Reading

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """In base currency; `day_loss` is 0 after a gain. What is not known is None.

    `day_loss_held` tells that old marks say that less was lost than what stands here; `most_equity` is then
    what may be told of equity, which a loss as a share is counted from.
    """

    high_water_mark: Decimal | None = None
    drawdown: Decimal | None = None
    day_loss: Decimal | None = None
    peak_profit: Decimal | None = None
    day_profit: Decimal | None = None
    day: date | None = None
    day_loss_held: bool = False
    most_equity: Decimal | None = None


def losses_of(
    reading: Reading,
    state: BreakerState | None,
    before: RiskGauge | None,
    *,
    day: date,
    desk_equity: Decimal | None,
) -> Losses:
    """Return losses since the peak and since 17:00 New York, and the bases to count from next time.

    From marks that are not good the loss of the day may only rise, as a breaker may.
    """
    found = _measured(reading, state, before, day=day, desk_equity=desk_equity)
    if before is None or before.day_loss is None or before.trading_day != found.day:
        return found
    if reading.marks_good or found.day_loss is None or found.day_loss >= before.day_loss:
        return found
    return replace(found, day_loss=before.day_loss, day_loss_held=True, most_equity=before.equity)


def _measured(
    reading: Reading,
    state: BreakerState | None,
    before: RiskGauge | None,
    *,
    day: date,
    desk_equity: Decimal | None,
) -> Losses:
    counted = _by_profit(reading, before, day=day, desk_equity=desk_equity)
    if state is None or state.high_water_mark is None or state.day_start is None:
        return counted
    if reading.equity is None or reading.rate is None:
        return counted
    peak, start = state.high_water_mark * reading.rate, state.day_start * reading.rate
    return Losses(
        high_water_mark=peak,
        drawdown=_share(peak - reading.equity, peak),
        day_loss=max(NOTHING, start - reading.equity),
        peak_profit=counted.peak_profit,
        day_profit=counted.day_profit,
        day=counted.day,
    )


def _by_profit(
    reading: Reading, before: RiskGauge | None, *, day: date, desk_equity: Decimal | None
) -> Losses:
    peak, start, began = (
        (before.peak_profit, before.day_profit, before.trading_day) if before else (None, None, None)
    )
    profit = reading.profit
    if profit is None:
        return Losses(peak_profit=peak, day_profit=start, day=began)
    if reading.marks_good or peak is None:  # from marks that are old neither a peak nor a new day is taken
        peak = profit if peak is None else max(peak, profit)
        if start is None or began is None or day > began:
            start, began = profit, day
    return Losses(
        high_water_mark=None if reading.equity is None else reading.equity - profit + peak,
        drawdown=_drawdown(reading.equity, desk_equity, lost=max(NOTHING, peak - profit)),
        day_loss=None if start is None else max(NOTHING, start - profit),
        peak_profit=peak,
        day_profit=start,
        day=began,
    )


def _drawdown(equity: Decimal | None, desk_equity: Decimal | None, *, lost: Decimal) -> Decimal | None:
    """Return the share lost of the peak, for a source, which has no equity, of the desk's equity."""
    whole = desk_equity if equity is None else equity + lost
    return None if whole is None else _share(lost, whole)


def _share(lost: Decimal, whole: Decimal) -> Decimal:
    if whole <= 0:
        return Decimal(1) if lost > 0 else NOTHING
    return max(NOTHING, lost / whole)
