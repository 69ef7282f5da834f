"""What is asked of a venue: what is missing, once, the newest first."""

from datetime import UTC, datetime, timedelta

import numpy as np

from apps.marketdata import backfill, ingestion
from apps.marketdata.backfill import Range
from apps.marketdata.domain.arrays import select
from apps.marketdata.domain.bar import Timeframe
from tests.marketdata.samples import MONDAY, bars

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TUESDAY = MONDAY + DAY


def missing(now: datetime, depth: timedelta, timeframe: Timeframe = Timeframe.M1) -> list[Range]:
    return backfill.missing(instrument="EURUSD", timeframe=timeframe, now=now, depth=depth)


def store(count: int, first: datetime, timeframe: Timeframe = Timeframe.M1) -> None:
    ingestion.publish_bars([bars(count, first=first, timeframe=timeframe)], origin="spread")
    ingestion.drain()


def test_an_empty_store_misses_everything_in_session_newest_first(run: str) -> None:
    ranges = missing(TUESDAY, timedelta(days=30))
    assert ranges[0][1] == TUESDAY
    assert ranges == sorted(ranges, reverse=True)
    assert all(last - first <= 1000 * MINUTE for first, last in ranges)
    assert not any(first.weekday() == 5 and last.weekday() == 5 for first, last in ranges)


def test_the_bar_that_is_still_open_is_not_missing(run: str) -> None:
    assert missing(MONDAY + 90 * MINUTE / 60, HOUR)[0][1] == MONDAY + MINUTE


def test_what_is_stored_is_not_asked_for_again(run: str) -> None:
    store(60, MONDAY)
    assert missing(MONDAY + 2 * HOUR, 2 * HOUR) == [(MONDAY + HOUR, MONDAY + 2 * HOUR)]


def test_a_lost_bar_in_the_middle_is_found(run: str) -> None:
    store(30, MONDAY)
    store(29, MONDAY + 31 * MINUTE)
    assert missing(MONDAY + HOUR, HOUR) == [(MONDAY + 30 * MINUTE, MONDAY + 31 * MINUTE)]


def test_a_weekend_is_not_asked_for(run: str) -> None:
    friday_close, sunday_open = datetime(2024, 3, 1, 22, tzinfo=UTC), datetime(2024, 3, 3, 22, tzinfo=UTC)
    store(120, friday_close - 2 * HOUR)
    store(120, sunday_open)
    assert missing(sunday_open + 2 * HOUR, sunday_open - friday_close + 4 * HOUR) == []


def test_what_the_venue_left_out_in_the_middle_of_an_answer_is_not_asked_for_again(run: str) -> None:
    whole = bars(60)
    quiet = select(whole, np.isin(np.arange(60), [20, 21, 40], invert=True))
    ingestion.publish_bars([quiet], origin="spread")
    ingestion.drain()
    assert missing(MONDAY + HOUR, HOUR) == []


def test_a_stretch_for_which_the_venue_had_nothing_is_not_asked_for_again(run: str) -> None:
    backfill.found_nothing(
        instrument="EURUSD", timeframe=Timeframe.M1, first=MONDAY + 10 * MINUTE, last=MONDAY + HOUR
    )
    assert missing(MONDAY + HOUR, HOUR) == [(MONDAY, MONDAY + 10 * MINUTE)]


def test_hours_are_looked_for_among_hours(run: str) -> None:
    store(20, MONDAY, Timeframe.H1)
    assert missing(TUESDAY, DAY, Timeframe.H1) == [(MONDAY + 20 * HOUR, TUESDAY)]
