"""One suite that every store passes: the arrays in memory and the real QuestDB."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from apps.marketdata.domain.arrays import select, values_of
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.domain.tick import Tick
from apps.marketdata.errors import StoreUnavailable
from apps.marketdata.stores.base import Series, Store
from apps.marketdata.stores.memory import MemoryStore
from apps.marketdata.stores.questdb import QuestDBStore
from deploy.desk.servers import QuestDB
from tests.marketdata.samples import MONDAY, bars

LATER = MONDAY + timedelta(days=365)


@pytest.fixture(params=["memory", "questdb"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    server: QuestDB = request.getfixturevalue("questdb")
    opened = QuestDBStore(conf=server.conf, pg_url=server.pg_url, world="sim")
    opened.ensure_schema()
    yield opened
    opened.close()


@pytest.fixture
def series() -> Series:
    """Name a series of this test's own: the server is shared."""
    return Series(source=f"run-{uuid.uuid4().hex}", instrument="EURUSD", timeframe=Timeframe.M1)


def equal(one: BarWindow, other: BarWindow) -> bool:
    return np.array_equal(one.open_at, other.open_at) and np.array_equal(
        values_of(one), values_of(other), equal_nan=True
    )


def wait_for_views(store: Store) -> None:
    while not store.derived_through():
        pass


def test_what_was_appended_is_read_back_exactly(store: Store, series: Series) -> None:
    window = bars(500)
    store.append_bars([window], source=series.source, origin="spread")
    assert equal(store.window(series, before=LATER, count=1000), window)


def test_a_window_is_the_newest_before_a_moment(store: Store, series: Series) -> None:
    store.append_bars([bars(500)], source=series.source, origin="spread")
    read = store.window(series, before=MONDAY + timedelta(minutes=100), count=30)
    assert equal(read, select(bars(500), slice(70, 100)))


def test_an_unknown_series_is_empty(store: Store, series: Series) -> None:
    assert len(store.window(series, before=LATER, count=10)) == 0
    assert len(store.opens(series, first=MONDAY, last=LATER)) == 0


def test_an_unknown_side_stays_unknown(store: Store, series: Series) -> None:
    window = bars(5)
    for part in ("open", "high", "low", "close"):
        getattr(window, f"ask_{part}")[:] = np.nan
    store.append_bars([window], source=series.source, origin="file")
    assert np.isnan(store.window(series, before=LATER, count=5).ask_low).all()


def test_a_repeated_bar_replaces_itself(store: Store, series: Series) -> None:
    store.append_bars([bars(10), bars(10, seed=1)], source=series.source, origin="spread")
    store.append_bars([bars(10, seed=2)], source=series.source, origin="spread")
    assert equal(store.window(series, before=LATER, count=100), bars(10, seed=2))


def test_sources_instruments_and_native_timeframes_stay_apart(store: Store, series: Series) -> None:
    hours = bars(10, timeframe=Timeframe.H1)
    gold = bars(10, instrument="XAUUSD", seed=3)
    store.append_bars([hours, gold, bars(10)], source=series.source, origin="spread")
    native = replace(series, timeframe=Timeframe.H1, native=True)
    assert equal(store.window(native, before=LATER, count=100), hours)
    assert equal(store.window(replace(series, instrument="XAUUSD"), before=LATER, count=100), gold)
    assert len(store.window(replace(series, source="none"), before=LATER, count=100)) == 0


def test_older_bars_may_come_later(store: Store, series: Series) -> None:
    window = bars(100)
    store.append_bars([select(window, slice(50, 100))], source=series.source, origin="spread")
    store.append_bars([select(window, slice(0, 50))], source=series.source, origin="spread")
    assert equal(store.range(series, first=MONDAY, last=LATER), window)


@pytest.mark.parametrize("timeframe", [Timeframe.M5, Timeframe.M15, Timeframe.H1, Timeframe.H4, Timeframe.D1])
@pytest.mark.parametrize(
    "first", [datetime(2024, 3, 9, 20, tzinfo=UTC), datetime(2024, 11, 2, 20, tzinfo=UTC)]
)
def test_derived_bars_agree_over_both_clock_changes(
    store: Store, series: Series, timeframe: Timeframe, first: datetime
) -> None:
    window = bars(60 * 30, first=first)
    store.append_bars([window], source=series.source, origin="spread")
    wait_for_views(store)
    reference = MemoryStore()
    reference.append_bars([window], source=series.source, origin="spread")
    derived = replace(series, timeframe=timeframe)
    span = {"first": first - timedelta(days=2), "last": first + timedelta(days=3)}
    assert equal(store.range(derived, **span), reference.range(derived, **span))


def test_ticks_of_equal_time_are_told_apart_by_their_number(store: Store, series: Series) -> None:
    ticks = [
        Tick(instrument="EURUSD", tick_at=MONDAY, seq=seq, bid=1.1 + seq, ask=1.2 + seq, received_at=MONDAY)
        for seq in range(3)
    ]
    store.append_ticks(ticks, source=series.source)
    store.append_ticks(ticks[1:], source=series.source)
    assert store.ticks(source=series.source, instrument="EURUSD", first=MONDAY, last=LATER) == ticks


def test_making_the_schema_again_is_harmless(store: Store, series: Series) -> None:
    store.append_bars([bars(3)], source=series.source, origin="spread")
    store.ensure_schema()
    assert len(store.window(series, before=LATER, count=10)) == 3


def test_a_server_that_is_away_is_said_to_be_away(series: Series) -> None:
    away = QuestDBStore(
        conf="http::addr=127.0.0.1:1;", pg_url="postgres://nobody:none@127.0.0.1:1/qdb", world="sim"
    )
    with pytest.raises(StoreUnavailable):
        away.append_bars([bars(1)], source=series.source, origin="spread")
    with pytest.raises(StoreUnavailable):
        away.window(series, before=LATER, count=1)


def test_a_lost_connection_is_opened_again(questdb: QuestDB, series: Series) -> None:
    store = QuestDBStore(conf=questdb.conf, pg_url=questdb.pg_url, world="sim")
    store.ensure_schema()
    store.append_bars([bars(3)], source=series.source, origin="spread")
    assert store._connection is not None
    store._connection.close()
    assert len(store.window(series, before=LATER, count=10)) == 3
    store.close()
