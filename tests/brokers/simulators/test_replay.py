"""Recorded bars: walked exactly, closed where there is none, ended after the last."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apps.brokers.simulators.market.instruments import lacking_conversion
from apps.brokers.simulators.market.replay import ReplayError, ReplayMarket
from apps.brokers.simulators.market.venue import Plan, Venue
from apps.brokers.simulators.mt5.rates import Rates
from tests.brokers.simulators.stage import account, log, trade

START = datetime(2018, 7, 2, tzinfo=UTC)
BIDS: list[tuple[float, ...]] = [
    (1.16, 1.17, 1.15, 1.165),
    (1.165, 1.168, 1.162, 1.163),
    (1.163, 1.163, 1.163, 1.163),
    (1.1, 1.12, 1.09, 1.11),
]
HOURS = [0, 1, 2, 50]  # two days are missing before the last


def folder(home: Path, *, bids: list[tuple[float, ...]] = BIDS, hours: list[int] = HOURS) -> Path:
    columns: dict[str, object] = {"time": [START + timedelta(hours=h) for h in hours]}
    for place, part in enumerate(("open", "high", "low", "close")):
        columns[f"bid_{part}"] = [bar[place] for bar in bids]
        columns[f"ask_{part}"] = [bar[place] + 0.0002 for bar in bids]
    columns["volume"] = [1000.0] * len(bids)
    home.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), home / "EURUSD.parquet")
    entry = {"name": "EURUSD", "file": "EURUSD.parquet", "digits": 5}
    facts = {"version": 1, "start_at": START.isoformat(), "timeframe_minutes": 60, "instruments": [entry]}
    (home / "manifest.json").write_text(json.dumps(facts))
    return home


def venue(tmp_path: Path) -> Venue:
    return Venue(
        Plan(home=tmp_path / "home", seed=7, speed=0.0), ReplayMarket(folder=folder(tmp_path), seed=7)
    )


def run_to(market: Venue, hours: float) -> None:
    market.set_clock(int((START.timestamp() + hours * 3600) * 1e6), 0.0)


def test_the_walked_bars_are_the_recorded_ones(tmp_path: Path) -> None:
    market = venue(tmp_path)
    run_to(market, 10)
    rows = Rates(market.feed, "UTC").back("EURUSD", 60, None, 0, 5, market.now_s)
    assert [(r["open"], r["high"], r["low"], r["close"]) for r in rows] == BIDS[:3]
    assert [(r["tick_volume"], r["spread"]) for r in rows] == [(1000, 20)] * 3


def test_the_way_through_a_bar_depends_on_seed_instrument_and_bar_only(tmp_path: Path) -> None:
    home = folder(tmp_path)
    day = int(START.timestamp()) // 86_400
    one, same, other = (ReplayMarket(folder=home, seed=s).day("EURUSD", day) for s in (7, 7, 8))
    assert np.array_equal(one.bid, same.bid)
    assert not np.array_equal(one.bid, other.bid)
    assert np.all(one.bid < one.ask)


def test_no_bar_means_closed_and_long_pauses_are_jumped(tmp_path: Path) -> None:
    market = venue(tmp_path)
    run_to(market, 3)
    assert trade(market, "EURUSD", 0.1).retcode == 10018
    market.set_clock(market.now_us, 0.001)
    assert market.now_s == int(START.timestamp()) + 50 * 3600
    assert market.is_open("EURUSD")


def test_after_the_last_bar_the_market_is_closed_for_good(tmp_path: Path) -> None:
    market = venue(tmp_path)
    run_to(market, 60)
    assert json.loads((tmp_path / "home" / "clock.json").read_text())["ended"] is True
    assert market.now_s == int(START.timestamp()) + 51 * 3600
    assert trade(market, "EURUSD", 0.1).retcode == 10018
    assert log(market, "ended")


def test_a_stop_inside_a_bar_is_hit_on_the_way(tmp_path: Path) -> None:
    market = venue(tmp_path)
    trade(market, "EURUSD", 0.1, sl=1.155)
    run_to(market, 1)
    assert account(market).deals[-1].reason == "sl"


@pytest.mark.parametrize("bad", [float("nan"), -1.0, 0.0, float("inf")])
def test_impossible_prices_are_refused_with_a_line(tmp_path: Path, bad: float) -> None:
    with pytest.raises(ReplayError, match="finite and above zero"):
        ReplayMarket(folder=folder(tmp_path, bids=[(bad, 1.2, 1.1, 1.1), *BIDS[1:]]), seed=7)


def test_unsorted_bars_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="out of order"):
        ReplayMarket(folder=folder(tmp_path, hours=[0, 2, 1, 3]), seed=7)


def test_money_without_a_quote_is_named() -> None:
    assert lacking_conversion(["EURUSD", "EURGBP", "USDJPY", "AUDJPY"], "USD") == {
        "EURGBP": "GBP",
        "AUDJPY": "AUD",
    }
    assert not lacking_conversion(["EURUSD", "EURGBP", "GBPUSD", "XAUUSD"], "USD")
