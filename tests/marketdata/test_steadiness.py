"""How usual a quote is: the spread that it may have, and what a jump stops for a moment."""

import json
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.marketdata import calendar, quotes
from apps.marketdata.domain.quote import Quote
from tests.marketdata.samples import MONDAY


def put(bid: str, ask: str, *, after_s: float) -> Quote:
    at = MONDAY + timedelta(seconds=after_s)
    quotes.shelf().put([Quote(instrument="EURUSD", bid=Decimal(bid), ask=Decimal(ask), quote_at=at)])
    return quotes.latest(["EURUSD"])["EURUSD"]


def test_a_jump_is_unsteady_for_three_seconds_and_small_moves_are_none(run: str) -> None:
    assert put("1.25", "1.2502", after_s=0).unsteady_until is None
    assert put("1.26", "1.2602", after_s=1).unsteady_until is None  # 0.8 %
    jumped = put("1.22", "1.2202", after_s=2)
    assert jumped.unsteady_until == MONDAY + timedelta(seconds=5)
    assert jumped.jump is not None
    assert round(jumped.jump, 4) == Decimal("-0.0317")
    assert put("1.22", "1.2202", after_s=9).unsteady_until == MONDAY + timedelta(seconds=5)


def test_an_older_quote_is_no_jump(run: str) -> None:
    put("1.25", "1.2502", after_s=5)
    assert put("1.10", "1.1002", after_s=4).unsteady_until is None


def test_the_usual_spread_is_known_after_thirty_quotes_and_odd_ones_hardly_move_it(run: str) -> None:
    for second in range(29):
        assert put("1.25", "1.2502", after_s=second).widest_spread is None
    widest = put("1.25", "1.2502", after_s=30).widest_spread
    assert widest is not None
    assert round(widest, 6) == Decimal("0.002")
    odd = put("1.25", "1.26", after_s=31)
    assert odd.widest_spread is not None
    assert odd.spread > odd.widest_spread
    assert round(odd.widest_spread, 6) == Decimal("0.00204")


def test_a_new_regime_of_spreads_is_learnt(run: str) -> None:
    for second in range(40):
        put("1.25", "1.2502", after_s=second)
    passed = [
        quote.widest_spread is not None and quote.spread <= quote.widest_spread
        for quote in (put("1.25", "1.254", after_s=40 + second) for second in range(60))
    ]
    assert not passed[0]
    assert passed[-1]  # twenty times the old spread


def test_a_crossed_quote_teaches_nothing(run: str) -> None:
    put("1.25", "1.2502", after_s=0)
    crossed = put("1.40", "1.30", after_s=1)
    assert crossed.is_crossed
    assert crossed.unsteady_until is None


@pytest.mark.parametrize(
    ("minute", "is_open", "left"), [(52, True, 8), (57, True, 3), (0, False, None), (5, False, None)]
)
def test_maintenance_is_a_close(
    run: str, settings: Settings, minute: int, is_open: bool, left: float | None
) -> None:
    settings.MTQ_MAINTENANCE = "10:00-10:06"
    at = MONDAY.replace(hour=14 if minute > 10 else 15, minute=minute)  # New York is five hours behind
    assert calendar.is_open("EURUSD", at=at) is is_open
    assert calendar.minutes_to_close("EURUSD", at=at) == left


def test_the_seconds_are_of_wall_time_at_any_speed(run: str, settings: Settings, tmp_path: Path) -> None:
    """At sixty times the speed three seconds are three minutes of the desk clock."""
    anchor = {
        "epoch": 1, "desk_at": MONDAY.isoformat(), "monotonic_ns": time.monotonic_ns(),
        "boot_id": Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
        "wall_at": MONDAY.isoformat(), "speed": 60.0, "market": "synthetic", "ended": False,
    }  # fmt: skip
    settings.MTQ_CLOCK_FILE = tmp_path / "clock.json"
    settings.MTQ_CLOCK_FILE.write_text(json.dumps(anchor))
    put("1.25", "1.2502", after_s=0)
    assert put("1.22", "1.2202", after_s=5).unsteady_until == MONDAY + timedelta(seconds=185)
