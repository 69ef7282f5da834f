"""What trading costs: one model for estimates before a trade, for backtests and for training.

Generic over Decimal (an order) and float64 arrays (history): one formula, so that both agree. Costs are
positive; spread and slippage are in the quote currency, commission and swap in that of their rates.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", Decimal, NDArray[np.float64])


@dataclass(frozen=True, slots=True, kw_only=True)
class CostTerms(Generic[Number]):
    """What a venue takes. `spread` and `slippage` are in price units; the rest is money per lot.

    Swap is per night and signed as a cost: negative where the venue pays the holder.
    """

    contract_size: Number
    spread: Number
    slippage: Number
    commission_per_lot: Number
    swap_long_per_lot: Number
    swap_short_per_lot: Number


def spread_cost(lots: Number, terms: CostTerms[Number]) -> Number:
    """Return what crossing from mid to bid or ask costs on one side of a trade."""
    return abs(lots) * terms.contract_size * terms.spread / 2


def slippage_cost(lots: Number, terms: CostTerms[Number]) -> Number:
    """Return what a fill worse than the quote costs on one side of a trade."""
    return abs(lots) * terms.contract_size * terms.slippage


def commission(lots: Number, terms: CostTerms[Number]) -> Number:
    """Return the venue's fee for one side of a trade."""
    return abs(lots) * terms.commission_per_lot


def swap(lots: Number, nights: Number, terms: CostTerms[Number]) -> Number:
    """Return what holding signed lots over nights costs; a triple-swap night counts as three."""
    size = abs(lots)
    long_lots, short_lots = (size + lots) / 2, (size - lots) / 2
    return nights * (long_lots * terms.swap_long_per_lot + short_lots * terms.swap_short_per_lot)
