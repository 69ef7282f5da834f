"""The single environment: what Gymnasium asks of it, and that it is the batch of one."""

from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from apps.agents.learning.batch import Batch
from apps.agents.learning.environment import ID, INFO, SingleAsset
from apps.agents.learning.ground import lay
from apps.agents.learning.market import TrainingMarket
from tests.agents.learning.bars import made, terms, walk


@pytest.fixture(scope="module")
def market() -> TrainingMarket:
    return made(walk(1_500))


def test_gymnasium_accepts_it(market: TrainingMarket) -> None:
    environment = gymnasium.make(ID, market=market, terms=terms())
    check_env(environment.unwrapped, skip_render_check=True)


def test_every_element_has_a_name(market: TrainingMarket) -> None:
    environment = SingleAsset(market, terms())
    observation, info = environment.reset(seed=3)
    assert environment.observation_names == (*market.columns, "held")
    assert observation.shape == (len(environment.observation_names),)
    assert set(info) == set(INFO)


def test_the_same_seed_begins_at_the_same_bar(market: TrainingMarket) -> None:
    first, again = (SingleAsset(market, terms()).reset(seed=5)[1]["row"] for _ in range(2))
    other = SingleAsset(market, terms()).reset(seed=6)[1]["row"]
    assert first == again
    assert first != other


def test_a_row_that_is_not_there_is_refused(market: TrainingMarket) -> None:
    with pytest.raises(ValueError, match="row 5000"):
        SingleAsset(market, terms()).reset(options={"row": 5000})


FIGURES = ("equity", "cash", "lots", "costs", "traded", "entries", "level")
# A room that binds, and shrinks with every loss.
SCALING = {"drawdown_scaling": 1.0, "reducing_share": 0.02, "max_lots": 50.0}
STRICT = {"warning_share": 0.01, "reducing_share": 0.0102, "halted_share": 0.0104}


@pytest.mark.parametrize("losses", [{}, SCALING, STRICT])
def test_single_and_batch_agree_bit_by_bit(market: TrainingMarket, losses: dict[str, Any]) -> None:
    """With strict losses the way leads through WARNING and REDUCING to HALTED."""
    how, starts = replace(terms(), **losses), np.arange(24) * 40
    batch = Batch(lay(market, how), len(starts))
    batch.start(np.arange(len(starts)), starts)
    singles = [SingleAsset(market, how) for _ in starts]
    for single, row in zip(singles, starts, strict=True):
        single.reset(options={"row": int(row)})
    halted = np.zeros(len(starts), bool)
    for wanted in np.random.default_rng(2).integers(0, 3, (400, len(starts))):
        stepped = batch.step(wanted - 1.0)
        for k in np.flatnonzero(~halted):
            _, reward, ended, _, info = singles[k].step(wanted[k])
            assert (reward, ended) == (stepped.reward[k], stepped.halted[k])
            assert [info[name] for name in FIGURES] == [getattr(batch, name)[k] for name in FIGURES]
        halted |= stepped.halted
    assert halted.any() == ("halted_share" in losses)
