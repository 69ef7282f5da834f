"""Risk's sizing, loss ladder and hard limits over arrays: twins of the Decimal originals.

Risk decides one order in Decimal; training decides millions in float64, where rounding to a lot step and
comparing with thresholds cannot be written once for both. A property test holds each twin to its original
(see docs/decisions/0012-sizing-and-limits-over-arrays.md).
"""

import numpy as np
from numpy.typing import NDArray

from apps.agents.learning.terms import Terms
from apps.marketdata.domain.bar import FloatArray
from apps.risk.domain.breaker import RECOVERY, BreakerLevel
from apps.risk.domain.sizing import WARNING_FACTOR

Levels = NDArray[np.int64]

HALVED = float(WARNING_FACTOR)
RECOVERED = float(RECOVERY)
# A float of a whole number of steps may lie a hair below it; Decimal does not.
HAIR = 1e-9


def floor_lots(lots: FloatArray, terms: Terms) -> FloatArray:
    """Round down to the lot step; zero below the smallest lot. Twin of InstrumentSpec.floor_quantity."""
    floored = np.floor(lots / terms.lot_step + HAIR) * terms.lot_step
    return np.where(floored >= terms.lot_min * (1 - HAIR), floored, 0.0)


def room_per_equity(
    *,
    price: FloatArray,
    rate: FloatArray,
    stop_distance: FloatArray,
    yearly_volatility: FloatArray,
    terms: Terms,
) -> FloatArray:
    """Return the position that the sizers allow for each unit of equity; 0 where risk could not size.

    Twin of `fixed_fractional` and `volatility_target`, both of which are proportional to equity. Without
    any sizer (a planted market) there is no bound.
    """
    stop = np.where(np.isnan(stop_distance), terms.assumed_stop * np.abs(price), stop_distance)
    lot_value = np.abs(price) * terms.contract_size * rate
    room = np.full_like(price, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        if not np.isnan(terms.risk_fraction):
            by_stop = terms.risk_fraction / (stop * terms.contract_size * rate)
            room = np.minimum(room, np.where(stop > 0, by_stop, 0.0))
        if not np.isnan(terms.target_volatility):
            by_volatility = terms.target_volatility / (yearly_volatility * lot_value)
            known = np.isfinite(yearly_volatility) & (yearly_volatility > 0) & (lot_value > 0)
            room = np.minimum(room, np.where(known, by_volatility, 0.0))
    return room


def drawdown_factor(equity: FloatArray, high_water_mark: FloatArray, terms: Terms) -> FloatArray:
    """Return what losses leave of every cap. Twin of `sizing.least_factor` for the high-water mark."""
    lost = drawdown(equity, high_water_mark) / terms.reducing_share
    return np.maximum(0.0, np.minimum(1.0, 1.0 - terms.drawdown_scaling * lost))


def sized(
    requested: FloatArray,
    *,
    room: FloatArray,
    equity: FloatArray,
    level: Levels,
    terms: Terms,
    factor: FloatArray | float = 1.0,
) -> FloatArray:
    """Return the lots of an entry from flat: the twin of `sizing.size` for an agent that holds nothing.

    `factor` is what losses leave of the room. From REDUCING on no entry has a size.
    """
    allowed = np.minimum(requested, room * np.maximum(equity, 0.0) * factor)
    by_level = np.where(level >= BreakerLevel.WARNING, HALVED, 1.0)
    return np.where(level >= BreakerLevel.REDUCING, 0.0, floor_lots(allowed * by_level, terms))


def permitted(
    lots: FloatArray, *, lot_value: FloatArray, equity: FloatArray, level: Levels, terms: Terms
) -> NDArray[np.bool_]:
    """Tell which entries pass: the breaker below REDUCING, and every hard limit with the order filled.

    Limits deny, they never shrink; they count the order at the worst price it is reserved for. Twin of the
    checks order_size, position, order_value, capital, gross, margin and breaker for one agent that is
    alone on its account and flat.
    """
    reserved = lots * lot_value * (1 + terms.worst_move)
    left = equity - lots * lot_value * terms.worst_move - reserved * terms.margin_rate
    passed: NDArray[np.bool_] = (
        (level < BreakerLevel.REDUCING)
        & (lots <= min(terms.order_lots, terms.position_lots))
        & (reserved <= min(terms.order_equity, terms.gross_equity) * equity)
        & (left >= terms.free_margin * equity)
    )
    return passed


def drawdown(equity: FloatArray, high_water_mark: FloatArray) -> FloatArray:
    """Return the share lost since the mark, at least 0. Twin of `Bases.drawdown`."""
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.maximum(0.0, (high_water_mark - equity) / high_water_mark)
    return np.where(high_water_mark > 0, lost, np.where(equity < high_water_mark, 1.0, 0.0))


def next_levels(current: Levels, loss: FloatArray, terms: Terms) -> Levels:
    """Return the breaker's levels for these losses, from good marks. Twin of `breaker.next_level`."""
    shares = (terms.warning_share, terms.reducing_share, terms.halted_share)
    raised = np.zeros_like(current)
    kept = np.zeros_like(current)
    for level, share in zip((1, 2, 3), shares, strict=True):
        np.putmask(raised, loss >= share, level)
        np.putmask(kept, loss >= share * RECOVERED, level)
    lowered = np.where(current == BreakerLevel.HALTED, current, np.maximum(raised, np.minimum(current, kept)))
    return np.where(raised >= current, raised, lowered)
