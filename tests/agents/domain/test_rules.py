"""The baselines, as a quant would check them by hand."""

import numpy as np
import pytest

from apps.agents.domain.observation import Observation, observe
from apps.agents.domain.rules import RULES


def seen(held: float = 0.0, **features: float) -> Observation:
    return observe(np.array(list(features.values())), tuple(features), held=held)


def test_flat_never_wants_anything() -> None:
    assert RULES["flat"](seen(held=1.0), {}) == 0.0


def test_buy_and_hold_is_always_long() -> None:
    assert RULES["buy-and-hold"](seen(held=-1.0), {}) == 1.0


@pytest.mark.parametrize(
    ("gap", "held", "target"),
    [(0.3, 0.0, 1.0), (-0.3, 1.0, -1.0), (0.1, -0.4, -1.0), (0.1, 0.0, 0.0)],
)
def test_a_cross_counts_only_beyond_its_band(gap: float, held: float, target: float) -> None:
    assert RULES["ma-cross"](seen(held=held, macd_12_26=gap), {"band": 0.25}) == target


@pytest.mark.parametrize(
    ("place", "held", "target"),
    [(0.97, 0.0, 1.0), (0.02, 1.0, -1.0), (0.9, 1.0, 1.0), (0.5, 0.0, 0.0)],
)
def test_a_breakout_needs_a_close_at_the_edge_of_the_channel(
    place: float, held: float, target: float
) -> None:
    assert RULES["breakout"](seen(held=held, donchian_50=place), {"edge": 0.03}) == target


def test_two_observations_are_the_same_only_bit_by_bit() -> None:
    assert seen(a=1.0).digest == seen(a=1.0).digest
    assert seen(a=1.0).digest != seen(a=float(np.nextafter(1.0, 2.0))).digest
    assert seen(a=1.0).digest != seen(b=1.0).digest
