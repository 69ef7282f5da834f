"""From the venue's daily bars to a covariance, on real servers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from pytest_django import Settings

from apps.marketdata import history, ingestion
from apps.marketdata.domain.arrays import window_of
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.stores.valkey import Closed
from apps.risk import covariances, snapshots
from apps.risk.domain.metrics import covariance, returns
from apps.risk.models import Covariance
from deploy.desk.servers import QuestDB
from tests.risk.desk import Desk

TUESDAY_CLOSE = datetime(2026, 1, 6, 22, tzinfo=UTC)  # 17:00 New York, the day before the desk's Wednesday


@pytest.fixture
def days(desk: Desk, questdb: QuestDB) -> Iterator[None]:
    """Daily bars of EURUSD and USDJPY up to Tuesday, from the venue."""
    history.ensure_schema()
    ingestion.publish_bars([bars("EURUSD", 1.25, 1), bars("USDJPY", 150.0, 2)], origin="history")
    ingestion.drain()
    announce(TUESDAY_CLOSE, "EURUSD", "USDJPY")
    store = history.store()
    yield
    store.close()


def bars(name: str, price: float, seed: int, count: int = 90) -> BarWindow:
    dates = [date(2026, 1, 6) - timedelta(days=back) for back in range(400)]
    weekdays = sorted(day for day in dates if day.weekday() < 5)[-count:]
    opens = [returns.closes_at(day - timedelta(days=1)).astimezone(UTC) for day in weekdays]
    closes = price * np.exp(np.cumsum(np.random.default_rng(seed).standard_normal(count) * 0.005))
    sides = np.tile(closes, (8, 1))
    sides[[1, 5]] *= 1.001
    sides[[2, 6]] *= 0.999
    times = np.array([opened.replace(tzinfo=None) for opened in opens], dtype="datetime64[us]")
    return window_of(name, Timeframe.D1, times, np.vstack([sides, np.ones((1, count))]))


def announce(closed_at: datetime, *names: str) -> None:
    """Say that hours are closed up to an instant, as a desk does whose days are older than its minutes."""
    closed = Closed(closed_at=closed_at, announced_at=closed_at, native=False)
    history.watermarks().advance(Timeframe.D1, dict.fromkeys(names, closed))


def test_a_covariance_is_made_of_the_closes_and_can_be_made_again_from_its_row(days: None) -> None:
    assert snapshots.estimate() == 1
    row = Covariance.objects.get()
    assert (row.factors, row.days_used) == (["currency|EUR", "currency|JPY"], 89)
    again, _ = covariance.repaired(covariance.ewma(np.array(row.returns)))
    found = covariances.current()
    assert found is not None
    assert found.matrix.tobytes() == again.tobytes()
    assert found.valid_until == datetime(2026, 1, 7, 23, tzinfo=UTC)


def test_without_a_newer_close_there_is_no_newer_version(days: None) -> None:
    assert [snapshots.estimate(), snapshots.estimate()] == [1, None]


def test_a_price_that_gets_its_history_later_becomes_a_factor_at_once(desk: Desk, questdb: QuestDB) -> None:
    history.ensure_schema()
    announce(TUESDAY_CLOSE, "EURUSD", "USDJPY")
    versions = []
    for name, price in (("EURUSD", 1.25), ("USDJPY", 150.0)):
        ingestion.publish_bars([bars(name, price, 1)], origin="history")
        ingestion.drain()
        versions.append(snapshots.estimate())
    found = covariances.current()
    assert found is not None
    assert (versions, found.factors) == ([1, 2], ("currency|EUR", "currency|JPY"))
    history.store().close()


def test_a_store_that_is_away_leaves_the_last_version_to_grow_stale(days: None, settings: Settings) -> None:
    settings.QUESTDB_PG = "postgresql://nobody:x@127.0.0.1:1/qdb"
    assert snapshots.estimate() is None
    assert covariances.judged(TUESDAY_CLOSE) == (None, "no_covariance")
