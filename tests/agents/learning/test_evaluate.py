"""Evaluation: every figure by hand where a hand can do it, and the same market and terms for all."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from apps.agents.domain.artefact import Artefact, Member
from apps.agents.learning import scores
from apps.agents.learning.evaluate import BASELINES, DRAWS, evaluate
from apps.agents.learning.evaluated import GATE_DAYS, Evaluated
from apps.agents.learning.scaling import Normaliser
from tests.agents.domain.test_artefact import network
from tests.agents.learning.bars import made, terms, walk

MARKET = made(walk(1_400))
SIZES = (len(MARKET.columns) + 1, 16, 3)


def policy(*members: Member) -> Artefact:
    normaliser = Normaliser.fit(MARKET, clip=5.0)
    return Artefact(
        feature_set="core-1",
        columns=MARKET.columns,
        mean=normaliser.mean,
        scale=normaliser.scale,
        clip=normaliser.clip,
        members=members,
    )


def always(action: int, seed: int = 0) -> Member:
    """A network that wants one thing whatever it sees."""
    weights = np.zeros((SIZES[0], 3), np.float32)
    return Member(seed=seed, layers=((weights, np.eye(3, dtype=np.float32)[action]),))


@pytest.fixture(scope="module")
def found() -> Evaluated:
    return evaluate(MARKET, terms(), policy(*(network(seed, SIZES) for seed in (1, 2, 3))), seed=7)


def test_it_shows_the_agent_beside_every_baseline(found: Evaluated) -> None:
    assert [row.name for row in found.rows] == ["agent", *BASELINES, "random"]
    assert [row.seed for row in found.members] == [1, 2, 3]
    assert set(found.equity) == set(found.drawdown) == {row.name for row in found.rows}


def test_flat_costs_and_earns_nothing(found: Evaluated) -> None:
    flat = found.row("flat")
    assert (flat.net_return, flat.costs, flat.trades, flat.exposure) == (0.0, 0.0, 0, 0.0)
    assert flat.sharpe is None


def test_an_agent_that_is_always_long_is_buy_and_hold() -> None:
    found = evaluate(MARKET, terms(), policy(always(2)), seed=1)
    assert replace(found.row("agent"), name="buy-and-hold") == found.row("buy-and-hold")
    assert found.row("agent").trades == 1
    assert found.row("random").net_return == pytest.approx(found.row("agent").net_return)


def test_members_that_disagree_cancel_out() -> None:
    found = evaluate(MARKET, terms(), policy(always(2, 1), always(0, 2)), seed=1)
    assert found.row("agent").trades == 0
    assert [row.trades for row in found.members] == [1, 1]


def test_random_turns_over_as_much_as_the_agent(found: Evaluated) -> None:
    agent, chance = found.row("agent"), found.row("random")
    assert DRAWS >= 20
    assert agent.trades > 10
    assert chance.trades == pytest.approx(agent.trades, rel=0.1)
    assert chance.low is not None
    assert chance.high is not None
    assert chance.low <= chance.net_return <= chance.high


def test_random_holds_no_more_than_an_agent_that_was_halted() -> None:
    """The agent goes on wishing after its account was halted; what it no longer held is not shifted."""
    strict = replace(terms(), warning_share=0.01, reducing_share=0.0102, halted_share=0.0104)
    found = evaluate(MARKET, strict, policy(*(network(seed, SIZES) for seed in (1, 2, 3))), seed=7)
    agent, chance = found.row("agent"), found.row("random")
    assert 0 < agent.exposure < 0.2
    assert chance.trades == pytest.approx(agent.trades, rel=0.02)
    assert chance.exposure == pytest.approx(agent.exposure, abs=0.005)


def test_the_same_seed_draws_the_same(found: Evaluated) -> None:
    again = evaluate(MARKET, terms(), policy(*(network(seed, SIZES) for seed in (1, 2, 3))), seed=7)
    assert again == found


def test_equity_ends_where_the_return_says(found: Evaluated) -> None:
    for row in found.rows[:-1]:
        times, values = found.equity[row.name]
        assert len(times) == len(values) <= scores.POINTS
        assert values[-1] == pytest.approx(found.start_equity * (1 + row.net_return))
        assert max(found.drawdown[row.name][1]) == pytest.approx(row.max_drawdown)
        assert times[-1] == found.last_at


def test_costs_are_in_the_result() -> None:
    dear = replace(terms(), commission_per_lot=350.0)
    cheap, costly = (evaluate(MARKET, how, policy(always(2)), seed=1).row("agent") for how in (terms(), dear))
    assert costly.costs - cheap.costs == pytest.approx((cheap.net_return - costly.net_return) * 100_000)


def test_a_halted_account_stays_flat() -> None:
    strict = replace(terms(), warning_share=0.0005, reducing_share=0.0006, halted_share=0.001)
    found = evaluate(MARKET, strict, policy(always(0)), seed=1)
    _, values = found.equity["agent"]
    assert len(set(values[-200:])) == 1
    assert found.row("agent").exposure < 0.5


def test_sharpe_is_that_of_daily_results() -> None:
    day = np.repeat([0, 1, 2, 3], 2)
    equity = np.array([100.0, 101.0, 99.0, 102.0, 102.0, 100.98, 100.0, 105.0])
    returns = scores.daily_returns(equity, day, start=100.0)
    np.testing.assert_allclose(returns, [0.01, 1 / 101, -0.01, 105 / 100.98 - 1])
    assert scores.sharpe(returns) == pytest.approx(np.mean(returns) / np.std(returns, ddof=1) * 252**0.5)
    assert scores.sharpe(returns[:1]) is None


def test_drawdown_counts_from_the_money_it_began_with() -> None:
    np.testing.assert_allclose(scores.drawdowns(np.array([90.0, 120.0, 60.0]), start=100.0), [0.1, 0.0, 0.5])


@pytest.mark.parametrize(
    ("days", "said"), [(GATE_DAYS - 1, "too few for the gates"), (GATE_DAYS, "not asked")]
)
def test_it_says_what_the_period_cannot_decide(found: Evaluated, days: int, said: str) -> None:
    assert said in replace(found, days=days).note


def test_it_becomes_json(found: Evaluated) -> None:
    content = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert content["equity"]["flat"][0] == [found.equity["flat"][0][0], 100_000.0]
    assert content["rows"][0]["name"] == "agent"
    assert content["note"] == found.note


def test_evaluation_and_inference_start_without_torch_and_gymnasium() -> None:
    code = (
        "import sys, apps.agents.learning.evaluate, apps.agents.learning.tearsheet, "
        "apps.agents.learning.config, apps.agents.domain.inference; "
        "sys.exit(', '.join({'torch', 'gymnasium', 'django'} & set(sys.modules)) or 0)"
    )
    started = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (started.returncode, started.stderr) == (0, "")
