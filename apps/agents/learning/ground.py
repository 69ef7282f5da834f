"""A market laid out for stepping: all that a step needs of a row, gathered with one call."""

from dataclasses import dataclass

import numpy as np

from apps.agents.learning import limits
from apps.agents.learning.market import TrainingMarket
from apps.agents.learning.terms import Terms
from apps.marketdata.domain.bar import FloatArray
from apps.portfolio.domain import costs
from apps.portfolio.domain.costs import CostTerms

COLUMNS = (
    "buy",  # what an entry pays at the next bar's open, slippage included
    "sell",
    "fill_value",  # account money per lot and price unit when the order fills
    "room",  # lots that sizing allows for each unit of equity
    "lot_value",  # account money that one lot is worth at the open
    "fill_cost",  # spread and slippage of one lot and side, already part of the prices
    "swap_long",  # account money that a lot costs until the bar after the next opens
    "swap_short",
    "mark_long",  # what a lot could be closed at when the next bar closes
    "mark_short",
    "mark_value",  # account money per lot and price unit then
    "new_day",  # 1 where the next bar is the first of the desk's day
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """`table` has shape (n - 1, len(COLUMNS)): row t holds what a decision on closed bar t meets."""

    market: TrainingMarket
    terms: Terms
    table: FloatArray

    @property
    def last_row(self) -> int:
        """The last row that can be decided on."""
        return len(self.table) - 1


def lay(market: TrainingMarket, terms: Terms) -> Ground:
    """Precompute every price and cost of a step from the one cost model and from risk's sizing."""
    now, then = slice(None, -1), slice(1, None)
    spread = market.open_ask[then] - market.open_bid[then]
    charged = _cost_terms(terms, spread)
    one = np.ones_like(spread)
    mid = (market.open_ask[then] + market.open_bid[then]) / 2
    rate, rate_then, nights = market.rate[now], market.rate[then], market.nights[then]
    stop = np.round(market.average_range[now] * terms.stop_atr / terms.tick_size) * terms.tick_size
    room = limits.room_per_equity(
        price=mid, rate=rate, stop_distance=stop, yearly_volatility=market.volatility[now], terms=terms
    )
    fill_cost = (costs.spread_cost(one, charged) + costs.slippage_cost(one, charged)) * rate
    table = np.column_stack(
        (
            market.open_ask[then] + terms.slippage,
            market.open_bid[then] - terms.slippage,
            rate * terms.contract_size,
            room,
            np.abs(mid) * terms.contract_size * rate,
            fill_cost,
            costs.swap(one, nights, charged) * rate_then,
            costs.swap(-one, nights, charged) * rate_then,
            market.close_bid[then],
            market.close_ask[then],
            rate_then * terms.contract_size,
            market.day[then] != market.day[now],
        )
    )
    return Ground(market=market, terms=terms, table=np.ascontiguousarray(table))


def _cost_terms(terms: Terms, spread: FloatArray) -> CostTerms[FloatArray]:
    def each(value: float) -> FloatArray:
        return np.full_like(spread, value)

    return CostTerms(
        contract_size=each(terms.contract_size),
        spread=spread,
        slippage=each(terms.slippage),
        commission_per_lot=each(terms.commission_per_lot),
        swap_long_per_lot=each(terms.swap_long_per_lot),
        swap_short_per_lot=each(terms.swap_short_per_lot),
    )


def usual_change(ground: Ground) -> float:
    """Return the deviation of equity's relative change over a bar at full size: the unit of the reward."""
    terms, table = ground.terms, ground.table
    lots = np.minimum(terms.max_lots, table[:, COLUMNS.index("room")] * terms.start_equity)
    mid = (ground.market.close_bid + ground.market.close_ask) / 2
    value = table[:, COLUMNS.index("mark_value")]
    deviation = float(np.std(lots * value * np.diff(mid)) / terms.start_equity)
    return deviation if deviation > 0 else 1.0
