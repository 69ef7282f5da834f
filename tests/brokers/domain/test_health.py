"""When a session counts as up, degraded or down."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.brokers.domain.health import Health, Pulse, judge, venue_offset_s

NOW = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pulse", "health"),
    [
        (Pulse(connected=True, latency_ms=12), Health.UP),
        (Pulse(connected=True, failures_in_a_row=1), Health.UP),
        (Pulse(connected=True, failures_in_a_row=2), Health.DEGRADED),
        (Pulse(connected=True, latency_ms=1500), Health.DEGRADED),
        (Pulse(connected=True, offset_s=-1.2), Health.DEGRADED),
        (Pulse(connected=True, complaint="trading is off"), Health.DEGRADED),
        (Pulse(connected=False), Health.DOWN),
    ],
)
def test_health_and_its_reason(pulse: Pulse, health: Health) -> None:
    found, reason = judge(pulse)
    assert found is health
    assert bool(reason) == (health is not Health.UP)


@pytest.mark.parametrize(("ahead_s", "offset_s"), [(0, 0), (-0.9, 0), (-2.5, -1.5), (3, 3)])
def test_a_clock_told_in_whole_seconds_is_right_within_its_second(ahead_s: float, offset_s: float) -> None:
    assert venue_offset_s(NOW + timedelta(seconds=ahead_s), NOW) == pytest.approx(offset_s)
