"""What a step of the environment does with money: the same as a trade on the desk."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.agents.domain.signal import interpret
from apps.agents.learning.batch import Batch
from apps.agents.learning.ground import lay
from apps.agents.learning.market import Terms
from apps.portfolio.domain import costs, tariffs
from tests.agents.learning.bars import made, spec, terms, walk

MARKET = made(walk(1_500))
UNSIZED = replace(terms(), risk_fraction=np.nan, target_volatility=np.nan)


def accounts(how: Terms = UNSIZED, *, row: int = 0, count: int = 1) -> Batch:
    batch = Batch(lay(MARKET, how), count)
    batch.start(np.arange(count), np.full(count, row))
    return batch


def go(batch: Batch, *targets: float) -> Batch:
    for target in targets:
        batch.step(np.full(len(batch), target))
    return batch


def test_it_fills_at_the_next_open_and_marks_at_its_close() -> None:
    batch = go(accounts(row=100), 1.0)
    assert batch.entry[0] == MARKET.open_ask[101]
    gain = 100_000 * (MARKET.close_bid[101] - MARKET.open_ask[101])
    assert batch.equity[0] == pytest.approx(100_000 + gain - 3.5, abs=1e-6)


def test_a_round_trip_costs_what_the_cost_model_says() -> None:
    """Profit at mid prices less spread, slippage, commission and swap is what is left in cash."""
    batch = go(accounts(row=100), 1.0, 1.0, 0.0)
    entry, out = ((MARKET.open_bid[k] + MARKET.open_ask[k]) / 2 for k in (101, 103))
    paid = 0.0
    for row in (101, 103):
        spread = Decimal(repr(float(MARKET.open_ask[row] - MARKET.open_bid[row])))
        charged = tariffs.terms_of(spec(), spread=spread)
        paid += float(costs.spread_cost(Decimal(1), charged) + costs.commission(Decimal(1), charged))
    nights = Decimal(int(MARKET.nights[101] + MARKET.nights[102]))
    paid += float(costs.swap(Decimal(1), nights, tariffs.terms_of(spec())))
    assert batch.lots[0] == 0
    assert batch.costs[0] == pytest.approx(paid, rel=1e-9)
    assert batch.cash[0] == pytest.approx(100_000 + 100_000 * (out - entry) - paid, rel=1e-9)


def test_swap_is_earned_or_paid_by_the_night() -> None:
    wednesday = int(np.flatnonzero(MARKET.nights == 3)[0])
    before = go(accounts(row=wednesday - 2), -1.0).cash[0]
    after = go(accounts(row=wednesday - 2), -1.0, -1.0).cash[0]
    assert after - before == pytest.approx(3 * 1.9)


def test_a_wish_on_the_side_already_held_trades_nothing() -> None:
    batch = go(accounts(row=100), 1.0, 0.3, 1.0, 0.7)
    assert batch.entries[0] == 1
    assert batch.lots[0] == 1.0


def test_a_reversal_is_an_exit_and_an_entry() -> None:
    batch = go(accounts(row=100), 1.0, -0.5)
    assert (batch.lots[0], batch.entries[0]) == (-0.5, 2)
    assert batch.entry[0] == MARKET.open_bid[102]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-100, 100), min_size=1, max_size=12))
def test_positions_are_those_that_interpret_asks_for(hundredths: list[int]) -> None:
    batch, held = accounts(row=200), Decimal(0)
    for hundredth in hundredths:
        target = hundredth / 100
        decision = interpret(target, held=held, max_lots=Decimal(1), spec=spec())
        for leg in decision.legs if decision else ():
            held += leg.quantity * leg.side.sign
        assert go(batch, target).lots[0] == pytest.approx(float(held), abs=1e-9)


@pytest.mark.parametrize("most", ["0.03", "0.30", "0.50", "1.00"])
@pytest.mark.parametrize("votes", [-3, -2, -1, 1, 2, 3])
def test_three_seeds_ask_live_for_what_they_got_in_training(votes: int, most: str) -> None:
    target, max_lots = votes / 3, Decimal(most)
    decision = interpret(target, held=Decimal(0), max_lots=max_lots, spec=spec())
    batch = go(accounts(replace(UNSIZED, max_lots=float(max_lots)), row=200), target)
    assert decision is not None
    assert abs(batch.lots[0]) == pytest.approx(float(decision.legs[0].quantity), abs=1e-9)


def test_an_entry_is_sized_by_risk() -> None:
    """1 % of 100,000 at a stop of three average ranges, if that is less than 5 % volatility a year allows."""
    batch = go(accounts(terms(), row=300), 1.0)
    price = (MARKET.open_bid[301] + MARKET.open_ask[301]) / 2
    by_stop = 1_000 / (round(MARKET.average_range[300] * 3 / 1e-5) * 1e-5 * 100_000)
    by_volatility = 5_000 / (MARKET.volatility[300] * price * 100_000)
    assert batch.lots[0] == pytest.approx(np.floor(min(1.0, by_stop, by_volatility) * 100) / 100)
    assert 0 < batch.lots[0] < 1


def test_without_volatility_there_is_no_entry() -> None:
    blind = replace(MARKET, volatility=np.full(len(MARKET), np.nan))
    batch = Batch(lay(blind, terms()), 1)
    assert go(batch, 1.0, -1.0).entries[0] == 0


def test_warning_halves_and_reducing_denies_entries_but_not_exits() -> None:
    batch = accounts(row=100, count=3)
    batch.step(np.array([0.0, 0.0, 1.0]))
    batch.level[:] = [1, 2, 2]
    batch.high_water_mark[:] = [106_000, 112_000, 112_000]
    batch.step(np.array([1.0, 1.0, -1.0]))
    assert batch.lots.tolist() == [0.5, 0.0, 0.0]


def test_a_halt_closes_everything_and_ends_the_account() -> None:
    batch = go(accounts(row=100, count=2), 1.0)
    batch.high_water_mark[0] = 130_000
    stepped = batch.step(np.ones(2))
    assert stepped.halted.tolist() == [True, False]
    assert not stepped.ended.any()
    assert batch.lots.tolist() == [0.0, 1.0]
    assert batch.cash[0] == batch.equity[0]


def test_the_end_of_the_data_is_no_halt() -> None:
    batch = accounts(row=len(MARKET) - 3)
    first, last = batch.step(np.ones(1)), batch.step(np.ones(1))
    assert (first.ended[0], last.ended[0], last.halted[0]) == (False, True, False)


def test_a_year_long_position_in_yen_is_counted_in_dollars() -> None:
    market = made(walk(800, name="USDJPY", price=150.0))
    how = replace(terms("USDJPY"), risk_fraction=np.nan, target_volatility=np.nan)
    batch = go(Batch(lay(market, how), 1), 1.0)
    gain = (
        100_000 * (market.close_bid[1] - market.open_ask[1]) / ((market.close_bid + market.close_ask)[1] / 2)
    )
    assert batch.equity[0] == pytest.approx(100_000 + gain - 3.5, abs=0.01)
