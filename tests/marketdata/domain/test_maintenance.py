"""Maintenance is by New York's wall clock, summer and winter."""

from datetime import UTC, datetime

import pytest

from apps.marketdata.domain.maintenance import parse

WINTER, SUMMER = datetime(2026, 1, 7, tzinfo=UTC), datetime(2026, 7, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "covered"),
    [
        (WINTER.replace(hour=21, minute=57), False),
        (WINTER.replace(hour=21, minute=58), True),
        (WINTER.replace(hour=22, minute=6), False),
        (SUMMER.replace(hour=21, minute=0), True),
        (SUMMER.replace(hour=22, minute=0), False),
    ],
)
def test_a_window_begins_at_its_first_minute_and_ends_before_its_last(at: datetime, covered: bool) -> None:
    (window,) = parse("16:58-17:06")
    assert window.covers(at) is covered


def test_a_window_may_reach_over_midnight() -> None:
    (window,) = parse("23:55-00:05")
    assert window.covers(WINTER.replace(hour=5, minute=2))
    assert not window.covers(WINTER.replace(hour=5, minute=5))
    assert window.next_start(WINTER.replace(hour=6)) == WINTER.replace(day=8, hour=4, minute=55)


@pytest.mark.parametrize("text", ["17:00", "25:00-26:00", "17:00-17:00", "a-b"])
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)
