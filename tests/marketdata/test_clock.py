"""Desk time from the venue's anchor, and its absence."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.marketdata import clock
from apps.marketdata.errors import BadData

DESK = datetime(2026, 1, 5, tzinfo=UTC)
BOOT = Path("/proc/sys/kernel/random/boot_id").read_text().strip()


@pytest.fixture
def anchor(settings: Settings, tmp_path: Path) -> Callable[..., None]:
    settings.MTQ_CLOCK_FILE = tmp_path / "clock.json"

    def write(**changes: object) -> None:
        content = {
            "epoch": 1,
            "desk_at": "2026-01-05T00:00:00.000000Z",
            "monotonic_ns": time.monotonic_ns(),
            "boot_id": BOOT,
            "wall_at": "2026-11-25T12:00:00Z",
            "speed": 60.0,
            "market": "synthetic",
            "ended": False,
        }
        draft = tmp_path / "clock.draft"
        draft.write_text(json.dumps(content | changes))
        draft.rename(settings.MTQ_CLOCK_FILE)

    return write


def test_without_a_file_desk_time_is_real_time(settings: Settings, tmp_path: Path) -> None:
    settings.MTQ_CLOCK_FILE = tmp_path / "absent.json"
    before = datetime.now(UTC)
    assert before <= clock.desk_now() <= datetime.now(UTC)
    assert clock.anchor() is None
    assert clock.speed() == 1.0


def test_desk_time_runs_at_the_venues_speed(anchor: Callable[..., None]) -> None:
    anchor(monotonic_ns=time.monotonic_ns() - 10_000_000_000)
    assert timedelta(minutes=10) <= clock.desk_now() - DESK < timedelta(minutes=12)


def test_a_jump_forward_is_followed_and_a_jump_back_is_not(anchor: Callable[..., None]) -> None:
    anchor(desk_at="2026-01-12T00:00:00Z", epoch=2)
    later = clock.desk_now()
    assert later >= DESK + timedelta(days=7)
    anchor(epoch=3)
    assert clock.desk_now() >= later


def test_the_clock_stands_still_when_the_replay_has_ended(anchor: Callable[..., None]) -> None:
    anchor(ended=True, monotonic_ns=0)
    assert clock.desk_now() == DESK


def test_an_anchor_of_another_boot_stands_still(anchor: Callable[..., None]) -> None:
    anchor(boot_id="another", monotonic_ns=0)
    assert clock.desk_now() == DESK


@pytest.mark.parametrize("changes", [{"speed": "fast"}, {"desk_at": "2026-01-05T00:00:00"}])
def test_a_broken_file_is_said_to_be_broken(anchor: Callable[..., None], changes: dict[str, object]) -> None:
    anchor(**changes)
    with pytest.raises(BadData, match="clock file"):
        clock.desk_now()


@pytest.mark.parametrize(("speed", "expected_s"), [(1.0, 15), (60.0, 120), (3600.0, 7200)])
def test_staleness_is_desk_time_but_never_below_two_wall_seconds(
    anchor: Callable[..., None], speed: float, expected_s: float
) -> None:
    anchor(speed=speed)
    assert clock.stale_after(15) == timedelta(seconds=expected_s)


@pytest.mark.parametrize("hour", [0, 12, 21])
def test_a_trading_day_begins_at_five_in_the_afternoon_in_new_york(
    anchor: Callable[..., None], hour: int
) -> None:
    anchor(desk_at=f"2026-01-05T{hour:02d}:00:00.000000Z")
    assert clock.day_began_at() == datetime(2026, 1, 4, 22, tzinfo=UTC)


def test_with_a_broken_clock_a_day_is_the_last_one_of_wall_time(settings: Settings, tmp_path: Path) -> None:
    settings.MTQ_CLOCK_FILE = tmp_path / "clock.json"
    settings.MTQ_CLOCK_FILE.write_text("{")
    with pytest.raises(BadData):
        clock.desk_now()
    assert clock.day_began_at() <= datetime.now(UTC) - timedelta(days=1)
