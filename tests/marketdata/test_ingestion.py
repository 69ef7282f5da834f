"""From the venue's answers into the stores, on real servers."""

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from pytest_django import Settings

from apps.marketdata import datasets, history, ingestion, quotes
from apps.marketdata.domain.arrays import select
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.errors import NoHistory, StoreUnavailable
from apps.marketdata.ingestion import publishing
from apps.marketdata.models import FeedRun, QualityReport
from apps.marketdata.stores import valkey as valkey_store
from tests.marketdata.samples import MONDAY, bars, quote

MINUTE = timedelta(minutes=1)


def test_a_quote_is_the_latest_as_soon_as_it_is_published(run: str) -> None:
    ingestion.publish_quotes([quote(bid="1.20000")])
    assert quotes.latest(["EURUSD", "XAUUSD"]) == {"EURUSD": quote(bid="1.20000")}


def test_an_older_quote_does_not_replace_a_newer_one(run: str) -> None:
    ingestion.publish_quotes([quote(bid="1.3", ask="1.4", at=MONDAY + MINUTE)])
    ingestion.publish_quotes([quote(bid="1.1")])
    assert quotes.latest(["EURUSD"])["EURUSD"].bid == Decimal("1.3")


def test_quotes_become_ticks_and_equal_times_stay_apart(run: str) -> None:
    ingestion.publish_quotes([quote(bid="1.1"), quote(bid="1.10001")])
    assert ingestion.drain().quotes == 2
    ticks = history.store().ticks(source=run, instrument="EURUSD", first=MONDAY, last=MONDAY + MINUTE)
    assert [(tick.seq, tick.bid) for tick in ticks] == [(0, 1.1), (1, 1.10001)]


def test_bars_are_visible_when_they_are_announced(run: str) -> None:
    window = bars(20)
    assert ingestion.publish_bars([window], origin="spread")
    assert ingestion.drain().bars == 20
    assert history.closed_through(Timeframe.M1) == {"EURUSD": window.last_close_at}
    read = history.window("EURUSD", Timeframe.M1, until=window.last_close_at, count=300)
    assert np.array_equal(read.ask_low, window.ask_low)


def test_history_never_shows_a_bar_that_closes_after_the_moment(run: str) -> None:
    ingestion.publish_bars([bars(20)], origin="spread")
    ingestion.drain()
    read = history.window("EURUSD", Timeframe.M1, until=MONDAY + 5 * MINUTE + MINUTE / 2, count=3)
    assert read.last_close_at == MONDAY + 5 * MINUTE
    assert len(read) == 3


def test_without_closed_bars_there_is_no_history(run: str) -> None:
    with pytest.raises(NoHistory):
        history.window("EURUSD", Timeframe.M1, until=MONDAY, count=3)


def test_a_backfill_of_older_bars_does_not_move_the_mark_back(run: str) -> None:
    ingestion.publish_bars([bars(1)], origin="spread")
    ingestion.drain()
    ingestion.publish_bars([bars(60, first=MONDAY - timedelta(hours=1))], origin="spread")
    ingestion.drain()
    assert history.closed_through(Timeframe.M1)["EURUSD"] == MONDAY + MINUTE
    assert len(history.window("EURUSD", Timeframe.M1, until=MONDAY + MINUTE, count=300)) == 61


def test_hourly_bars_are_kept_as_such_and_read_from_one_table(run: str) -> None:
    window = bars(30, timeframe=Timeframe.H1)
    ingestion.publish_bars([window], origin="spread")
    ingestion.drain()
    read = history.window("EURUSD", Timeframe.H1, until=window.last_close_at, count=300)
    assert np.array_equal(read.bid_close, window.bid_close)
    with pytest.raises(NoHistory):
        history.window("EURUSD", Timeframe.M1, until=window.last_close_at, count=3)


def test_days_of_the_venue_are_history_and_not_what_others_read_as_daily_bars(run: str) -> None:
    window = bars(30, first=MONDAY.replace(hour=22), timeframe=Timeframe.D1)
    ingestion.publish_bars([window], origin="history")
    ingestion.drain()
    assert history.closed_through(Timeframe.D1) == {}
    found = history.days("EURUSD", until=MONDAY + timedelta(days=8), count=5)
    assert len(found) == 5
    assert found.open_at[-1] == np.datetime64("2024-03-10T22:00")


def test_derived_bars_are_announced_once_the_view_holds_them(run: str) -> None:
    ingestion.publish_bars([bars(13)], origin="spread")
    ingestion.drain()
    while "EURUSD" not in history.closed_through(Timeframe.M5):
        ingestion.drain()
    read = history.window("EURUSD", Timeframe.M5, until=MONDAY + timedelta(hours=1), count=300)
    assert read.last_close_at == MONDAY + 10 * MINUTE
    assert read.bid_high[0] == bars(13).bid_high[:5].max()


def test_marks_that_valkey_lost_come_back_from_their_rows(run: str, settings: Settings) -> None:
    ingestion.publish_bars([bars(3)], origin="spread")
    ingestion.drain()
    valkey_store.client(settings.REDIS_URL).flushall()
    assert history.closed_through(Timeframe.M1) == {"EURUSD": MONDAY + 3 * MINUTE}


def test_faulty_bars_are_dropped_and_counted_once_an_hour(run: str) -> None:
    window = bars(20)
    window.bid_low[3] = np.nan
    window.bid_close[7] = -1.0
    ingestion.publish_bars([window, window], origin="spread")
    drained = ingestion.drain()
    assert drained.bars == 2 * 18
    faults = {row.kind: row.count for row in QualityReport.objects.filter(source=run)}
    assert faults == {"nan": 2, "non_positive": 2, "high_low": 2}
    assert {fault.instrument for fault in datasets.faults_after(0)} == {"EURUSD"}


@pytest.mark.parametrize(
    ("bid", "ask", "kind"),
    [("NaN", "1.1", "nan"), ("0", "1.1", "non_positive"), ("1.2", "1.1", "crossed")],
)
def test_a_bad_quote_is_a_fault_and_never_fresh(run: str, bid: str, ask: str, kind: str) -> None:
    ingestion.publish_quotes([quote(bid=bid, ask=ask)])
    assert ingestion.drain() == ingestion.Drained(faults=1)
    assert quotes.fresh(["EURUSD"], now=MONDAY) == {}
    assert [fault.kind for fault in datasets.faults_after(0)] == [kind]


def test_a_bar_that_has_not_closed_is_refused(run: str) -> None:
    ahead = bars(1, first=MONDAY.replace(year=2100))
    ingestion.publish_bars([ahead], origin="spread")
    assert ingestion.drain() == ingestion.Drained(faults=1)
    assert history.closed_through(Timeframe.M1) == {}


def test_while_the_store_is_away_nothing_is_lost_and_quotes_go_on(run: str, settings: Settings) -> None:
    address = settings.QUESTDB_CONF
    settings.QUESTDB_CONF = "http::addr=127.0.0.1:1;"
    ingestion.publish_bars([bars(1)], origin="spread")
    with pytest.raises(StoreUnavailable):
        ingestion.drain()
    ingestion.publish_quotes([quote(bid="1.05")])
    assert quotes.latest(["EURUSD"])["EURUSD"].bid == Decimal("1.05")
    assert history.closed_through(Timeframe.M1) == {}
    settings.QUESTDB_CONF = address
    assert ingestion.drain() == ingestion.Drained(quotes=1, bars=1)


def test_entries_of_a_worker_that_died_are_taken_over(run: str) -> None:
    ingestion.publish_bars([bars(2)], origin="spread")
    assert len(publishing.live_stream().fresh(10)) == 1  # read by a worker that then died
    assert ingestion.drain().bars == 2
    assert publishing.live_stream().length() == 0


def test_an_entry_that_cannot_be_read_becomes_a_fault_once(run: str) -> None:
    publishing.live_stream().add([{"bars": b"not json"}])
    assert ingestion.drain().faults == 1
    assert ingestion.drain() == ingestion.Drained()


def test_a_full_stream_refuses_and_keeps_what_it_has(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "_BULK_ENTRIES", 2)
    assert ingestion.publish_bars([bars(2000)], origin="spread")
    assert not ingestion.publish_bars([bars(20)], origin="spread")
    assert ingestion.drain().bars == 2000


def test_only_one_drains_at_a_time(run: str, settings: Settings) -> None:
    ingestion.publish_bars([bars(1)], origin="spread")
    valkey_store.client(settings.REDIS_URL).set(f"mtq:{run}:ingest:turn", "another")
    assert ingestion.drain() == ingestion.Drained()


def test_repeated_bars_are_stored_once(run: str) -> None:
    ingestion.publish_bars([bars(5), select(bars(5), slice(2, 5))], origin="spread")
    ingestion.drain()
    assert len(history.window("EURUSD", Timeframe.M1, until=MONDAY + timedelta(days=1), count=300)) == 5
    assert FeedRun.objects.filter(source=run, timeframe="1m").count() == 1
