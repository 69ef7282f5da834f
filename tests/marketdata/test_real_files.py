"""Files as brokers write them; only where the folder of real data is there."""

import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from apps.marketdata.domain import quality
from apps.marketdata.domain.bar import SIDES
from apps.marketdata.errors import BadData
from apps.marketdata.feeds import detect
from apps.marketdata.feeds.base import RECORDED

DATA = Path(os.environ.get("MTQ_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no folder of real data beside the checkout")


@pytest.mark.parametrize("name", ["mt5_bars_EURUSD_H1.csv", "mt5_bars_EURUSD_H1.utf16.csv"])
def test_mt5_bars_match_what_is_expected_over_both_clock_changes(name: str) -> None:
    path = DATA / "formats" / name
    read = detect.feed_for(path).read(path, zone="Europe/Athens")
    expected = pq.read_table(DATA / "formats" / "expected_eurusd_h1_bidask.parquet")
    count = len(read.window)
    assert count == (50 if "utf16" in name else 766)
    assert read.window.instrument == "EURUSD"
    assert read.spread == RECORDED
    assert (read.window.open_at == expected["time"].to_numpy()[:count].astype("datetime64[us]")).all()
    for side in SIDES[:4]:
        assert np.allclose(getattr(read.window, side), expected[side].to_numpy()[:count], atol=5e-6, rtol=0)


@pytest.mark.parametrize(
    "name",
    ["mt4_EURUSD60.csv", "dukascopy_EURUSD_H1_BID.csv", "mt5_ticks_USDJPY.csv", "tradingview_EURUSD_60.csv"],
)
def test_layouts_not_taken_yet_are_refused_not_guessed(name: str) -> None:
    with pytest.raises(BadData, match="unknown format"):
        detect.feed_for(DATA / "formats" / name)


@pytest.mark.parametrize("folder", ["oanda_h1", "mt5_h1", "fxcm_h1"])
def test_real_bars_have_no_hard_fault(folder: str) -> None:
    for path in sorted((DATA / folder).glob("*.parquet")):
        read = detect.feed_for(path).read(path, zone="UTC")
        assert next(quality.hard_faults(read.window), None) is None
        assert read.window.timeframe.minutes == 60
