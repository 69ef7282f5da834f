"""Bars and the day's open over REST, from a real store."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from pytest_django import Settings

from apps.marketdata import history, ingestion
from apps.marketdata.api import days
from apps.marketdata.domain.bar import BarWindow, Timeframe
from tests.marketdata.samples import bars
from tests.site import schema

NOON = datetime(2026, 1, 7, 12, tzinfo=UTC)
ROLL = datetime(2026, 1, 6, 22, tzinfo=UTC)  # 17:00 New York
MINUTE = timedelta(minutes=1)
BARS = "/api/v1/bars/"


def store(window: BarWindow) -> BarWindow:
    ingestion.publish_bars([window], origin="spread")
    ingestion.drain()
    return window


def read(viewer: Client, **query: Any) -> list[list[Any]]:
    answer = viewer.get(BARS, {"instrument": "EURUSD", "timeframe": "1m"} | query)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert schema.faults(body, BARS) == []
    return list(body["bars"])


def test_the_newest_bars_come_oldest_first_as_text(viewer: Client) -> None:
    window = store(bars(10, first=NOON - 10 * MINUTE))
    rows = read(viewer, limit=3)
    assert [row[0] for row in rows] == [int((NOON - back * MINUTE).timestamp()) for back in (3, 2, 1)]
    mids = window.mid("close")[-3:]
    assert [row[4] for row in rows] == [f"{mid:.6f}" for mid in mids]
    assert {row[6] for row in rows} == {"0.000200"}


def test_bars_that_had_closed_before_a_moment(viewer: Client) -> None:
    store(bars(10, first=NOON - 10 * MINUTE))
    opened = int((NOON - 7 * MINUTE).timestamp())
    for seconds in (0, 59):
        before = NOON - 6 * MINUTE + timedelta(seconds=seconds)
        assert read(viewer, before=before.isoformat())[-1][0] == opened
    assert read(viewer, before=(NOON - timedelta(days=1)).isoformat()) == []


def test_a_bar_that_was_not_announced_as_closed_is_not_there(viewer: Client, settings: Settings) -> None:
    store(bars(2, first=NOON - 2 * MINUTE))
    history.store().append_bars([bars(1, first=NOON)], source=settings.MTQ_RUN, origin="spread")
    assert read(viewer)[-1][0] == int((NOON - MINUTE).timestamp())


def test_five_minutes_are_made_of_minutes(viewer: Client) -> None:
    window = store(bars(10, first=NOON - 10 * MINUTE))
    while "EURUSD" not in history.closed_through(Timeframe.M5):
        ingestion.drain()
    first, _ = read(viewer, timeframe="5m")
    assert first[1] == f"{window.mid('open')[0]:.6f}"
    assert first[5] == window.volume[:5].sum()


def test_the_day_opens_with_its_first_bar_and_not_with_the_last_of_the_day_before(viewer: Client) -> None:
    window = store(bars(30, first=ROLL - MINUTE))
    (eurusd,) = (quote for quote in viewer.get("/api/v1/quotes/").json() if quote["instrument"] == "EURUSD")
    half_tick = Decimal("0.000005")
    opened = Decimal(eurusd["day_open"])
    assert opened % half_tick == 0
    assert abs(float(opened) - window.mid("open")[1]) <= float(half_tick) / 2 + 1e-12
    assert abs(eurusd["day_change"] - (1.25 / float(opened) - 1)) < 1e-9


def test_before_the_first_bar_of_a_day_there_is_no_open(viewer: Client) -> None:
    store(bars(30, first=ROLL - 30 * MINUTE))
    assert {quote["day_open"] for quote in viewer.get("/api/v1/quotes/").json()} == {None}


def test_without_the_store_quotes_lack_the_days_open_and_bars_say_so(
    viewer: Client, settings: Settings
) -> None:
    store(bars(30, first=ROLL - MINUTE))
    days.forget()
    settings.QUESTDB_PG = "postgresql://nobody:none@127.0.0.1:1/qdb"
    quotes = {quote["instrument"]: quote for quote in viewer.get("/api/v1/quotes/").json()}
    assert (quotes["EURUSD"]["bid"], quotes["EURUSD"]["day_open"]) == ("1.24999", None)
    answer = viewer.get(BARS, {"instrument": "EURUSD", "timeframe": "1m"})
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
