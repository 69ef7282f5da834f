"""The reward: growth in units of a usual bar."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.agents.domain.reward import WORST, log_growth


def reward(before: float, after: float, unit: float = 1.0) -> float:
    return float(log_growth(np.array([before]), np.array([after]), unit=unit)[0])


def test_a_usual_gain_is_about_one() -> None:
    assert reward(100_000.0, 100_100.0, unit=0.001) == pytest.approx(1.0, rel=1e-3)
    assert reward(100_000.0, 100_000.0) == 0.0


@given(st.lists(st.floats(1e5, 1e6), min_size=2, max_size=20))
def test_rewards_add_up_to_the_whole_growth(equity: list[float]) -> None:
    steps = sum(reward(before, after) for before, after in pairwise(equity))
    assert steps == pytest.approx(np.log(equity[-1] / equity[0]), abs=1e-9)


def test_ruin_is_bad_but_a_number() -> None:
    assert reward(100.0, -50.0) == reward(100.0, 0.0) == pytest.approx(np.log(WORST))


def test_a_price_that_is_no_number_comes_through() -> None:
    assert np.isnan(reward(100.0, float("nan")))
