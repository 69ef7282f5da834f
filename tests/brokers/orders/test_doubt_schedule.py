"""When an order in doubt is asked about, and what starts its quiet period again."""

import pytest

from apps.brokers.reconciliation.doubts import Doubt


def asked_at(doubt: Doubt, *, rounds: int, quiet_s: float = 600) -> list[float]:
    times = []
    for _ in range(rounds):
        times.append(doubt.next_at(quiet_s) - doubt.quiet_from)
        doubt.asked += 1
    return times


def test_the_venue_is_asked_quickly_at_first_and_then_every_30_s() -> None:
    assert asked_at(Doubt(quiet_from=100.0), rounds=9) == [1, 2, 4, 8, 16, 30, 60, 90, 120]


def test_the_end_of_the_quiet_period_is_a_moment_to_ask_too() -> None:
    assert asked_at(Doubt(quiet_from=0.0), rounds=9, quiet_s=70) == [1, 2, 4, 8, 16, 30, 60, 70, 120]


def test_a_session_that_broke_starts_everything_again() -> None:
    doubt = Doubt(quiet_from=0.0, asked=6, empty_rounds=6)
    doubt.start_again(50.0)
    assert (doubt.next_at(60), doubt.empty_rounds) == (51.0, 0)


@pytest.mark.parametrize("asked", range(12))
def test_the_next_moment_is_always_later_than_the_last(asked: int) -> None:
    doubt = Doubt(quiet_from=0.0, asked=asked)
    later = Doubt(quiet_from=0.0, asked=asked + 1)
    assert later.next_at(60) > doubt.next_at(60)
