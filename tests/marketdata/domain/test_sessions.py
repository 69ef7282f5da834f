"""Sessions follow New York's wall clock over both clock changes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.marketdata.domain import sessions
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.domain.sessions import NEW_YORK, SessionRule

FX, METAL, ALWAYS = SessionRule.FX, SessionRule.METAL, SessionRule.ALWAYS
MOMENTS = st.integers(1_420_000_000, 1_890_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "moment", "expected"),
    [
        (FX, "2024-01-05 21:59", True),  # Friday in winter: New York closes at 22:00 UTC
        (FX, "2024-01-05 22:00", False),
        (FX, "2024-01-07 21:59", False),
        (FX, "2024-01-07 22:00", True),
        (FX, "2024-07-05 20:59", True),  # in summer an hour earlier
        (FX, "2024-07-05 21:00", False),
        (FX, "2024-07-07 21:00", True),
        (FX, "2024-03-08 21:59", True),  # the Friday before New York's clocks change, and the Sunday after
        (FX, "2024-03-10 20:59", False),
        (FX, "2024-03-10 21:00", True),
        (FX, "2024-11-01 21:00", False),
        (FX, "2024-11-03 21:59", False),
        (FX, "2024-11-03 22:00", True),
        (METAL, "2024-01-03 21:59", True),
        (METAL, "2024-01-03 22:30", False),  # the daily pause
        (METAL, "2024-01-03 23:00", True),
        (METAL, "2024-01-07 22:30", False),
        (METAL, "2024-01-07 23:00", True),
        (FX, "2024-01-06 12:00", False),
        (ALWAYS, "2024-01-06 12:00", True),
    ],
)
def test_open_and_closed(rule: SessionRule, moment: str, expected: bool) -> None:
    assert sessions.is_open(rule, at=at(moment)) is expected


@pytest.mark.parametrize(
    ("rule", "moment", "expected"),
    [
        (FX, "2024-03-06 12:00", "2024-03-08 22:00"),
        (FX, "2024-03-10 21:30", "2024-03-15 21:00"),
        (METAL, "2024-03-06 12:00", "2024-03-06 22:00"),
        (METAL, "2024-03-06 23:30", "2024-03-07 22:00"),
    ],
)
def test_the_next_close(rule: SessionRule, moment: str, expected: str) -> None:
    assert sessions.next_close(rule, at=at(moment)) == at(expected)


@given(rule=st.sampled_from([FX, METAL]), moment=MOMENTS)
def test_a_session_is_open_until_its_close_and_shut_at_it(rule: SessionRule, moment: datetime) -> None:
    opens = sessions.next_open(rule, at=moment)
    closes = sessions.next_close(rule, at=opens)
    assert closes is not None
    assert opens < closes <= opens + timedelta(days=5, hours=1)
    assert sessions.is_open(rule, at=closes - timedelta(microseconds=1))
    assert not sessions.is_open(rule, at=closes)


def test_a_weekend_is_closed_throughout_and_its_ends_are_not() -> None:
    first, last = at("2024-03-08 22:00"), at("2024-03-10 21:00")
    assert sessions.closed_throughout(FX, first=first, last=last)
    assert not sessions.closed_throughout(FX, first=first, last=last + timedelta(minutes=1))


@pytest.mark.parametrize(
    ("timeframe", "moment", "expected"),
    [
        (Timeframe.M5, "2024-01-03 10:07:30", "2024-01-03 10:05"),
        (Timeframe.H1, "2024-01-03 10:59", "2024-01-03 10:00"),
        (Timeframe.H4, "2024-01-03 10:00", "2024-01-03 10:00"),  # 05:00 New York
        (Timeframe.H4, "2024-07-03 10:00", "2024-07-03 09:00"),
        (Timeframe.H4, "2024-11-03 09:59", "2024-11-03 05:00"),  # five hours in the night of 25
        (Timeframe.D1, "2024-01-03 21:59", "2024-01-02 22:00"),
        (Timeframe.D1, "2024-03-10 20:59", "2024-03-09 22:00"),  # a day of 23 hours
        (Timeframe.D1, "2024-11-03 21:59", "2024-11-02 21:00"),  # a day of 25 hours
    ],
)
def test_the_bar_a_moment_falls_into(timeframe: Timeframe, moment: str, expected: str) -> None:
    assert sessions.bucket_open(timeframe, at(moment)) == at(expected)


@given(timeframe=st.sampled_from(list(Timeframe)), moment=MOMENTS)
def test_a_bar_holds_its_moment_and_opens_in_itself(timeframe: Timeframe, moment: datetime) -> None:
    opened = sessions.bucket_open(timeframe, moment)
    # On the night the clocks go back a bar of four hours or a day is an hour longer.
    assert timedelta() <= moment - opened < timeframe.length + timedelta(hours=1)
    assert sessions.bucket_open(timeframe, opened) == opened


def test_days_open_at_17_new_york() -> None:
    opened = sessions.bucket_open(Timeframe.D1, at("2024-06-12 12:00")).astimezone(NEW_YORK)
    assert (opened.hour, opened.minute) == (17, 0)


@pytest.mark.parametrize(
    ("now", "stale"),
    [
        ("2026-01-07T21:59:50", False),  # ten seconds old, in session
        ("2026-01-07T22:30:00", False),  # gold pauses from 17:00 to 18:00 New York
        ("2026-01-07T23:00:01", True),  # the next session needs a price of its own
    ],
)
def test_a_price_does_not_age_while_its_market_is_closed(now: str, stale: bool) -> None:
    quote_at, limit = datetime(2026, 1, 7, 21, 59, 50, tzinfo=UTC), timedelta(seconds=15)
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert sessions.is_stale(METAL, quote_at=quote_at, stale_after=limit, now=at) is stale


def test_a_price_that_was_old_before_the_close_stays_stale() -> None:
    quote_at = datetime(2026, 1, 7, 21, 30, tzinfo=UTC)
    now = datetime(2026, 1, 7, 22, 30, tzinfo=UTC)
    assert sessions.is_stale(METAL, quote_at=quote_at, stale_after=timedelta(seconds=15), now=now)
