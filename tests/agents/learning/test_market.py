"""Bars as a market: what is refused, which prices are traded, what money they are."""

from dataclasses import replace
from datetime import UTC
from typing import Any

import numpy as np
import pytest

from apps.agents.errors import HardFaults, TooLittleData
from apps.agents.learning import market
from apps.agents.learning.prices import yearly_volatility
from apps.brokers.simulators.market import sessions as venue
from apps.marketdata.domain.bar import COLUMNS, BarWindow, Timeframe
from apps.marketdata.domain.features import compute
from tests.agents.learning.bars import CORE, MONDAY, hours, made, walk


def test_features_are_those_an_agent_sees_live() -> None:
    window = walk(800)
    learned, live = made(window), compute(window.tail(CORE.warmup + 1), CORE)[-1]
    np.testing.assert_array_equal(learned.features[-1], live)
    assert len(learned) == 800 - CORE.warmup


def test_too_few_bars_are_refused_with_both_numbers() -> None:
    with pytest.raises(TooLittleData, match="EURUSD has 300 bars of 1h, 577 are needed") as refused:
        made(walk(300))
    assert (refused.value.there, refused.value.needed) == (300, 577)


@pytest.mark.parametrize(
    ("side", "value", "said"),
    [("bid_close", np.nan, "NaN"), ("ask_low", -1.0, "negative"), ("bid_high", 0.5, "enclose")],
)
def test_a_hard_fault_is_refused_by_its_row(side: str, value: float, said: str) -> None:
    window = walk(800)
    getattr(window, side)[123] = value
    with pytest.raises(HardFaults, match=rf"EURUSD row 123 \(2024-01-.*Z\): .*{said}"):
        made(window)


def test_rows_before_since_only_look_back() -> None:
    window = walk(900)
    since = window.open_at[300].item().replace(tzinfo=UTC)
    part = made(window, since=since)
    assert part.open_at[0] == window.open_at[300]
    np.testing.assert_array_equal(part.features, made(window).features[-600:])


def test_a_missing_ask_is_assumed_and_said() -> None:
    unknown: dict[str, Any] = {
        f"ask_{part}": np.full(800, np.nan) for part in ("open", "high", "low", "close")
    }
    assumed = made(walk(800, **unknown))
    assert assumed.spread_label == "assumed:v1"
    np.testing.assert_allclose(assumed.open_ask - assumed.open_bid, 0.00013)
    assert made(walk(800)).spread_label == "recorded"


def test_crossed_quotes_pay_nobody() -> None:
    window = walk(800)
    window.ask_close[500] = window.bid_close[500] - 1e-6
    window.ask_low[500] = window.bid_low[500]
    traded = made(window)
    assert (traded.close_ask > traded.close_bid).all()


def test_money_of_the_quote_currency() -> None:
    euro, yen = made(walk(800)), walk(800, name="USDJPY", price=150.0)
    assert (euro.rate == 1.0).all()
    np.testing.assert_array_equal(made(yen).rate, 1.0 / yen.mid("close")[-len(euro) :])


@pytest.mark.parametrize(("pair", "price"), [("GBPUSD", 1.3), ("USDGBP", 0.77)])
def test_a_cross_is_converted_by_another_pair(pair: str, price: float) -> None:
    pounds = walk(800, seed=2, name=pair, price=price)
    rate = made(walk(800, name="EURGBP", price=0.85), conversion=pounds).rate
    close = pounds.mid("close")[-len(rate) :]
    np.testing.assert_array_equal(rate, close if pair == "GBPUSD" else 1.0 / close)


def test_a_conversion_price_that_is_too_old_is_refused() -> None:
    cross, pounds = walk(800, name="EURGBP", price=0.85), walk(800, seed=2, name="GBPUSD", price=1.3)
    with pytest.raises(HardFaults, match=r"EURGBP row 774 .* GBPUSD has no price within 24 bars"):
        made(cross, conversion=_first(pounds, 750))
    with pytest.raises(HardFaults, match="needs bars of GBPUSD"):
        made(cross)


def _first(window: BarWindow, rows: int) -> BarWindow:
    return replace(window, **{name: getattr(window, name)[:rows] for name in ("open_at", *COLUMNS)})


def test_nights_are_charged_when_the_venue_charges_them() -> None:
    market_ = made(walk(1_500))
    opens = market_.open_at.astype("datetime64[s]").astype(int).tolist()
    for row in range(len(opens) - 1):
        charged = sum(nights for _, nights in venue.rollovers(opens[row], opens[row + 1]))
        assert market_.nights[row] == charged
    assert market_.nights.sum() > 50


def test_a_day_ends_at_five_in_new_york() -> None:
    market_ = made(walk(1_500))
    seconds = market_.open_at.astype("datetime64[s]").astype(int).tolist()
    assert market_.day.tolist() == [venue.trading_day(at) for at in seconds]


def test_volatility_is_what_risk_would_measure() -> None:
    close = walk(600).mid("close")
    known = yearly_volatility(hours(600), close, Timeframe.H1)
    last = np.diff(np.log(close[-241:]))
    assert np.isnan(known[:60]).all()
    assert known[-1] == pytest.approx(np.std(last, ddof=1) * (260 * 24) ** 0.5, rel=1e-9)


def test_volatility_of_minutes_is_that_of_their_hours() -> None:
    at = MONDAY + np.arange(6_000) * np.timedelta64(1, "m")
    close = 1.1 * np.exp(np.cumsum(np.random.default_rng(1).standard_normal(6_000) * 1e-4))
    known = yearly_volatility(at, close, Timeframe.M1)
    hourly = np.diff(np.log(close[59::60]))
    assert known[-1] == pytest.approx(np.std(hourly[:-1], ddof=1) * (260 * 24) ** 0.5, rel=1e-9)


def test_the_hash_is_of_the_content() -> None:
    window = walk(800)
    first, again = made(window).data_hash, made(window).data_hash
    window.bid_close[700] += 1e-9
    assert first == again != made(window).data_hash


def test_a_part_is_a_market_of_its_own() -> None:
    whole = made(walk(1_000))
    part = whole.part(100, 700)
    assert len(part) == 600
    assert part.data_hash != whole.data_hash
    assert len(part) >= market.FEWEST_ROWS
