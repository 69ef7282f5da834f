"""The batch as Stable-Baselines3 sees it."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from apps.agents.learning.ground import lay
from apps.agents.learning.market import TrainingMarket
from apps.agents.learning.scaling import Normaliser
from apps.agents.learning.vector import MarketVec
from tests.agents.learning.bars import made, terms, walk


@pytest.fixture(scope="module")
def market() -> TrainingMarket:
    return made(walk(700))


def vector(market: TrainingMarket, *, envs: int = 16, seed: int = 1) -> MarketVec:
    return MarketVec(lay(market, terms()), Normaliser.fit(market, clip=5.0), envs=envs, seed=seed)


Floats = NDArray[np.float32]


def stepped(
    env: MarketVec, actions: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.bool_], list[dict[str, Any]]]:
    env.step_async(actions)
    seen, _, done, infos = env.step_wait()
    return seen, done, infos


def test_episodes_begin_at_random_bars_of_the_seed(market: TrainingMarket) -> None:
    first, again, other = vector(market), vector(market), vector(market, seed=2)
    np.testing.assert_array_equal(first.reset(), again.reset())
    assert (first.reset() != other.reset()).any()
    assert len(set(first.batch.row.tolist())) > 8


def test_what_is_seen_is_normalised_and_ends_with_the_holding(market: TrainingMarket) -> None:
    env = vector(market)
    env.reset()
    seen = stepped(env, np.full(16, 2))[0]
    assert env.observation_space.contains(seen[0])
    np.testing.assert_array_equal(seen[:, -1], env.batch.held.astype(np.float32))
    rsi, row = market.columns.index("rsi_14"), env.batch.row
    column = market.features[:, rsi]
    scaled = (column[row] - column.mean()) / column.std()
    np.testing.assert_allclose(seen[:, rsi], scaled, atol=1e-5)


def test_the_end_of_the_data_truncates_and_begins_anew(market: TrainingMarket) -> None:
    env = vector(market, envs=2)
    env.reset()
    env.batch.start(np.array([0]), np.array([len(market) - 2]))
    seen, done, infos = stepped(env, np.array([2, 2]))
    assert done.tolist() == [True, False]
    assert infos[0]["TimeLimit.truncated"] is True
    assert infos[0]["terminal_observation"][-1] > 0
    assert seen[0, -1] == 0.0
    assert infos[1] == {}


def test_a_halt_terminates(market: TrainingMarket) -> None:
    env = vector(market, envs=2)
    env.reset()
    env.batch.high_water_mark[0] = 1e6
    _, done, infos = stepped(env, np.array([2, 2]))
    assert done.tolist() == [True, False]
    assert infos[0]["TimeLimit.truncated"] is False
    assert env.batch.equity[0] == terms().start_equity


def test_an_observation_once_given_stays_as_it_was(market: TrainingMarket) -> None:
    env = vector(market)
    first = env.reset()
    kept = first.copy()
    env.step(np.full(16, 0))
    np.testing.assert_array_equal(first, kept)
