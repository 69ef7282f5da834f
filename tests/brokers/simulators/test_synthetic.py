"""The made-up market: the same for the same seed, and shaped like a market."""

import numpy as np
import pytest

from apps.brokers.simulators.market.feed import Feed
from apps.brokers.simulators.market.synthetic import SHAPES, SyntheticMarket
from apps.brokers.simulators.mt5.rates import Rates
from tests.brokers.simulators.stage import START_S

DAY = START_S // 86_400


def feed(seed: int = 7) -> Feed:
    return Feed(SyntheticMarket(seed=seed, start_s=START_S))


def test_the_same_seed_gives_the_same_prices_in_whatever_order_they_are_asked_for() -> None:
    one, two = feed(), feed()
    one.day("EURUSD", DAY + 3)
    for day in (DAY + 3, DAY - 20, DAY):
        assert np.array_equal(one.day("EURUSD", day).bid, two.day("EURUSD", day).bid)
    assert not np.array_equal(feed(8).day("EURUSD", DAY).bid, one.day("EURUSD", DAY).bid)


def test_thirty_days_of_minutes_lie_before_the_start() -> None:
    made = [feed().minutes("EURUSD", DAY - 30 + k, START_S).at.size for k in range(7)]
    assert made == [0, 120, 1440, 1440, 1440, 1440, 1320]


def test_days_of_two_years_lie_before_the_minutes_and_end_at_the_first_price() -> None:
    source = SyntheticMarket(seed=7, start_s=START_S)
    older = source.older("EURUSD")
    assert older.day.size == 520
    assert older.day[-1] < DAY - 30
    assert set((older.day + 3) % 7) == {0, 1, 2, 3, 4}
    assert older.close[-1] == 108_500
    assert np.array_equal(older.open[1:], older.close[:-1])
    assert np.all((older.low <= older.open) & (older.close <= older.high))


def test_older_days_move_together_through_the_dollar() -> None:
    source = SyntheticMarket(seed=7, start_s=START_S)
    moves = [np.diff(np.log(source.older(name).close)) for name in ("EURUSD", "GBPUSD", "USDJPY")]
    assert np.std(moves[0]) * 260**0.5 == pytest.approx(SHAPES["EURUSD"].yearly, rel=0.1)
    assert np.corrcoef(moves[0], moves[1])[0, 1] > 0.3
    assert np.corrcoef(moves[0], moves[2])[0, 1] < -0.3


def test_daily_bars_run_on_from_the_older_days_into_those_made_of_minutes() -> None:
    rates = Rates(feed(), "NY+7")
    rows = rates.range("EURUSD", 1440, START_S - 800 * 86_400, START_S, START_S)
    days = [row["time"][:10] for row in rows]
    assert (len(rows), days) == (541, sorted(set(days)))
    assert rates.back("EURUSD", 1440, START_S, 0, 541, START_S) == rows
    assert len(rates.range("EURUSD", 60, START_S - 800 * 86_400, START_S - 40 * 86_400, START_S)) == 0


def test_bid_is_below_ask_and_bars_hold_their_prices() -> None:
    for name in SHAPES:
        ticks, bars = feed().day(name, DAY), feed().minutes(name, DAY, START_S + 86_400)
        assert np.all(ticks.bid < ticks.ask)
        assert np.all((bars.low <= bars.open) & (bars.open <= bars.high) & (bars.low <= bars.close))


def test_volatility_clusters() -> None:
    source = feed()
    moves = np.concatenate(
        [np.abs(np.diff(source.minutes("EURUSD", DAY + k, 2**40).close)) for k in range(4)]
    )
    calm = moves - moves.mean()
    assert np.dot(calm[1:], calm[:-1]) / np.dot(calm, calm) > 0.05


def test_the_dead_hours_are_quieter_and_dearer_than_london() -> None:
    source = feed()
    days = [source.minutes("GBPUSD", DAY - 28 + k, START_S) for k in range(28)]
    hour = np.concatenate([bars.at // 3600 % 24 for bars in days])
    width = np.concatenate([bars.high - bars.low for bars in days])
    spread = np.concatenate([bars.spread for bars in days])
    night, london = hour == 21, (hour >= 8) & (hour < 10)
    assert width[night].mean() < 0.5 * width[london].mean()
    assert spread[night].mean() > 1.5 * spread[london].mean()


def test_a_shock_moves_the_price_from_its_second_on_and_keeps_the_spread() -> None:
    source, at_s = feed(), START_S + 3601
    before = source.last("EURUSD", at_s)
    source.shock("EURUSD", at_s=at_s, factor=0.97)
    after = source.last("EURUSD", at_s)
    assert before
    assert after == (at_s, round(before[1] * 0.97), round(before[1] * 0.97) + before[2] - before[1])
    assert source.last("EURUSD", at_s - 1) == before
