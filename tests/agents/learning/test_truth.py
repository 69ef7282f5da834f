"""Truth tests: training finds what was planted, and nothing looks ahead."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from apps.agents.domain.artefact import Artefact, Member
from apps.agents.domain.inference import Stack
from apps.agents.learning import truth
from apps.agents.learning.batch import Batch
from apps.agents.learning.config import TrainConfig
from apps.agents.learning.export import artefact_of
from apps.agents.learning.ground import Ground, lay
from apps.agents.learning.market import TrainingMarket
from apps.agents.learning.scaling import Normaliser
from apps.agents.learning.train import train_seed
from apps.marketdata.domain.bar import BarWindow, FloatArray
from tests.agents.domain.test_artefact import network
from tests.agents.learning.bars import made, terms, walk
from tests.agents.learning.untraced import untraced

PLAN = truth.Planted()


@lru_cache(maxsize=3)
def planted(seed: int) -> TrainingMarket:
    """Draw a market once for the tests that look at it."""
    with untraced():
        return truth.planted_market(PLAN, seed=seed)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_training_finds_what_was_planted(seed: int) -> None:
    """Budget 200,000 steps: at least three quarters of what the best policy earns, on bars never seen."""
    market = planted(seed)
    part, config = market.part(0, PLAN.train), TrainConfig(steps=200_000, feature_set="planted")
    with untraced():
        trained = train_seed(part, truth.planted_terms(), config, seed=seed, on_progress=lambda _: True)
        found = truth.found(PLAN, market, artefact_of(part, config, [trained]))
    assert found >= 0.75


def test_an_untrained_policy_finds_nothing() -> None:
    market = planted(1)
    sizes = (len(market.columns) + 1, 8, 3)
    blind = _policy(market, *(network(seed, sizes) for seed in (1, 2, 3)))
    with untraced():
        found = truth.found(PLAN, market, blind)
    assert found < 0.3


def test_the_best_policy_waits_until_a_turn_is_worth_its_cost() -> None:
    policy = truth.optimal_policy(PLAN)
    short, flat, long = policy.T
    assert (np.diff(policy, axis=0) >= 0).all()
    assert (short <= flat).all()
    assert (flat <= long).all()
    np.testing.assert_array_equal(policy, 2 - policy[::-1, ::-1])


def test_without_cost_the_best_policy_is_the_sign() -> None:
    policy = truth.optimal_policy(replace(PLAN, cost=0.0))
    assert (policy[:30] == 0).all()
    assert (policy[31:] == 2).all()


def test_the_planted_market_is_what_it_says() -> None:
    market = planted(3)
    z, moves = market.features[:, 0], np.diff(market.close_bid)
    assert np.std(moves) == pytest.approx(PLAN.sigma, rel=0.02)
    assert np.corrcoef(z[:-1], moves)[0, 1] == pytest.approx(PLAN.beta, abs=0.02)
    assert np.corrcoef(z[:-1], z[1:])[0, 1] == pytest.approx(PLAN.phi, abs=0.01)
    assert max(abs(np.corrcoef(market.features[:-1, k], moves)[0, 1]) for k in range(1, 8)) < 0.02
    batch = Batch(lay(market, truth.planted_terms()), 1)
    batch.step(np.ones(1))
    assert batch.equity[0] - truth.MONEY == pytest.approx(moves[0] - PLAN.cost * PLAN.sigma, abs=1e-9)


# Leakage. What is seen at t: the normalised features, the position so far, and the action.
ROWS, SPLIT, BEFORE = 400, 220, 3
WINDOW = walk(ROWS)


def _policy(market: TrainingMarket, *members: Member) -> Artefact:
    normaliser = Normaliser.fit(market, clip=5.0)
    return Artefact(
        feature_set="core-1",
        columns=market.columns,
        mean=normaliser.mean,
        scale=normaliser.scale,
        clip=normaliser.clip,
        members=members,
    )


@lru_cache(maxsize=2)
def _prepared(window: BarWindow, fitted: int, shift: int) -> tuple[TrainingMarket, Ground, Stack]:
    """Market, prices and policy of a window; the normaliser is fitted to the rows before `fitted`."""
    market = made(window, fewest=1)
    if shift:
        market = replace(market, features=np.roll(market.features, shift, axis=0))
    sizes = (len(market.columns) + 1, 16, 3)
    part = market.part(0, fitted - (ROWS - len(market)))
    policy = _policy(part, network(1, sizes), network(2, sizes))
    return market, lay(market, terms()), Stack.build([policy])


def look(window: BarWindow, moment: int, *, fitted: int = SPLIT, shift: int = 0) -> FloatArray:
    """The way to a decision at `moment`: a few bars of trading, then all that is seen and wanted."""
    market, ground, stack = _prepared(window, fitted, shift)
    row = moment - (ROWS - len(market))
    batch = Batch(ground, 1, unit=1.0)
    batch.start(np.array([0]), np.array([row - BEFORE]))
    for at in range(row - BEFORE, row):
        batch.step(stack.targets(np.append(market.features[at], batch.held)[None]))
    seen = np.append(market.features[row], batch.held)[None]
    return np.concatenate((seen[0], batch.equity, stack.logits(seen).ravel(), stack.targets(seen)))


def moments(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(SPLIT + BEFORE, ROWS - 2, count)


def test_nothing_that_is_decided_looks_ahead() -> None:
    """2,000 moments; every bar after each is drawn anew, and not one bit of what was decided may move."""
    with untraced():
        found = truth.leaks(look, WINDOW, moments(2_000), np.random.default_rng(1))
    assert found == []


def test_a_feature_of_the_next_bar_is_caught() -> None:
    asked = moments(20)
    caught = truth.leaks(
        lambda window, moment: look(window, moment, shift=-1), WINDOW, asked, np.random.default_rng(1)
    )
    assert caught == asked.tolist()


def test_a_normaliser_that_saw_everything_is_caught() -> None:
    asked = moments(20)
    caught = truth.leaks(
        lambda window, moment: look(window, moment, fitted=ROWS), WINDOW, asked, np.random.default_rng(1)
    )
    assert caught == asked.tolist()
