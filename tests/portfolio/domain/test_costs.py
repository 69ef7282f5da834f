from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from apps.portfolio.domain import costs

FIGURES = {
    "contract_size": "100000",
    "spread": "0.00012",
    "slippage": "0.00003",
    "commission_per_lot": "3.5",
    "swap_long_per_lot": "6.1",
    "swap_short_per_lot": "-1.2",
}
EXACT = costs.CostTerms(**{name: Decimal(text) for name, text in FIGURES.items()})
ARRAYS: costs.CostTerms[NDArray[np.float64]] = costs.CostTerms(
    **{name: np.array([float(text)]) for name, text in FIGURES.items()}
)


def test_one_lot_costs_half_the_spread_on_each_side() -> None:
    assert costs.spread_cost(Decimal(-2), EXACT) == 12
    assert costs.slippage_cost(Decimal(1), EXACT) == 3
    assert costs.commission(Decimal(-2), EXACT) == 7


def test_swap_may_be_earned() -> None:
    assert costs.swap(Decimal(2), Decimal(3), EXACT) == Decimal("36.6")
    assert costs.swap(Decimal(-2), Decimal(1), EXACT) == Decimal("-2.4")


@given(st.integers(-10_000, 10_000), st.integers(0, 30))
def test_decimal_and_arrays_agree(steps: int, nights: int) -> None:
    lots, held = Decimal(steps) / 100, Decimal(nights)
    array, counted = np.array([float(lots)]), np.array([float(nights)])
    for figure in (costs.spread_cost, costs.slippage_cost, costs.commission):
        assert figure(array, ARRAYS)[0] == pytest.approx(float(figure(lots, EXACT)), rel=1e-9, abs=1e-9)
    assert costs.swap(array, counted, ARRAYS)[0] == pytest.approx(
        float(costs.swap(lots, held, EXACT)), rel=1e-9, abs=1e-9
    )
