"""Sessions, rollovers, weekends and the clock."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from apps.brokers.simulators.market import sessions
from apps.brokers.simulators.market.instruments import Kind
from tests.brokers.simulators.stage import START_S, account, go, log, synthetic, trade

DAY_S = 86_400


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_rollovers_follow_new_york_over_a_clock_change() -> None:
    found = list(sessions.rollovers(at("2026-03-05T00:00"), at("2026-03-12T00:00")))
    assert found == [
        (at("2026-03-05T22:00"), 1),
        (at("2026-03-06T22:00"), 1),
        (at("2026-03-09T21:00"), 1),
        (at("2026-03-10T21:00"), 1),
        (at("2026-03-11T21:00"), 3),
    ]


@pytest.mark.parametrize(
    ("kind", "moment", "is_open"),
    [
        ("fx", "2026-01-09T21:59", True),
        ("fx", "2026-01-09T22:00", False),
        ("fx", "2026-01-11T21:59", False),
        ("fx", "2026-01-11T22:00", True),
        ("fx", "2026-03-13T21:00", False),  # New York is on summer time
        ("metal", "2026-01-06T22:30", False),
        ("metal", "2026-01-06T23:00", True),
    ],
)
def test_sessions(kind: Kind, moment: str, is_open: bool) -> None:
    assert sessions.is_open(kind, at(moment)) is is_open


def test_server_time_keeps_seven_hours_ahead_of_new_york() -> None:
    winter, summer = (sessions.offset_s("NY+7", at(day) // DAY_S) for day in ("2026-03-06", "2026-03-09"))
    assert (winter, summer) == (2 * 3600, 3 * 3600)


def test_swaps_stay_on_the_position_until_a_deal_realises_them(tmp_path: Path) -> None:
    venue = synthetic(tmp_path)
    trade(venue, "EURUSD", 1.0)
    go(venue, 4 * DAY_S)
    nights = [(row["nights"], row["swap"]) for row in log(venue, "swap")]
    assert nights == [(1, "-6.40"), (1, "-6.40"), (3, "-19.20"), (1, "-6.40")]
    cash = account(venue).cash
    trade(venue, "EURUSD", -1.0)
    deal = account(venue).deals[-1]
    assert deal.swap == Decimal("-38.40")
    assert account(venue).cash == cash + deal.profit + deal.swap + deal.commission


def test_the_clock_jumps_over_the_weekend_and_charges_friday_before(tmp_path: Path) -> None:
    venue = synthetic(tmp_path, speed=0.001)
    trade(venue, "EURUSD", 0.1)
    epoch = venue.clock.epoch
    venue.set_clock((START_S + 4 * DAY_S + 22 * 3600) * 1_000_000, 0.001)
    assert venue.now_s == at("2026-01-11T22:00")
    assert venue.clock.epoch == epoch + 2
    assert len(log(venue, "swap")) == 5


def test_a_closed_market_refuses_with_10018(tmp_path: Path) -> None:
    venue = synthetic(tmp_path)
    venue.jump_closed = False
    go(venue, 5 * DAY_S)
    assert trade(venue, "EURUSD", 0.1).retcode == 10018


def test_reanchored_the_market_stands_still_while_the_venue_is_down(tmp_path: Path) -> None:
    venue = synthetic(tmp_path)
    go(venue, 3600)
    stopped_us = venue.now_us
    venue.close()
    again = synthetic(tmp_path, reanchor=True)
    assert again.now_us == stopped_us
    assert again.clock.epoch > venue.clock.epoch


def test_without_reanchor_the_venue_first_walks_what_it_missed(tmp_path: Path) -> None:
    venue = synthetic(tmp_path)
    trade(venue, "EURUSD", 1.0, sl=round(float(venue.quotes["EURUSD"].bid) - 0.0012, 5))
    venue.journal.sync()
    venue.clock.anchor((START_S + 2 * DAY_S) * 1_000_000)  # the clock went on, the process did not
    again = synthetic(tmp_path)
    assert again.now_s == START_S + 2 * DAY_S
    assert account(again).deals[-1].reason == "sl"
    assert account(again).deals[-1].at_us < again.now_us - DAY_S * 1_000_000


def test_desk_time_never_goes_back(tmp_path: Path) -> None:
    venue = synthetic(tmp_path)
    go(venue, 3600)
    with pytest.raises(ValueError, match="another run"):
        synthetic(tmp_path, seed=8)
    stamps = [row["desk_at"] for row in log(venue)]
    assert stamps == sorted(stamps)
