"""When a session counts as up, degraded or down."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SLOW_MS = 1000.0
FAILURES_TO_DEGRADE = 2


class Health(StrEnum):
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What was seen of a session lately. `latency_ms` is a running mean of whole calls.

    `venue_at` is the venue's own time in that moment; `offset_s` how far, in wall seconds, it is from ours.
    """

    connected: bool
    latency_ms: float | None = None
    failures_in_a_row: int = 0
    venue_at: datetime | None = None
    offset_s: float | None = None
    complaint: str = ""


def venue_offset_s(venue_at: datetime, now: datetime) -> float:
    """Return how far a venue's clock, told in whole seconds, is from ours: 0 within its second."""
    ahead = (venue_at - now).total_seconds()
    return ahead if ahead > 0 else min(0.0, ahead + 1.0)


def judge(pulse: Pulse, *, slow_ms: float = SLOW_MS) -> tuple[Health, str]:
    """Return the health and, unless all is well, the reason in words.

    A venue clock more than one second of wall time off warns (the session is degraded);
    what may be sent at two seconds is risk's to say.
    """
    if not pulse.connected:
        return Health.DOWN, pulse.complaint or "not connected"
    reasons = [pulse.complaint] if pulse.complaint else []
    if pulse.failures_in_a_row >= FAILURES_TO_DEGRADE:
        reasons.append(f"{pulse.failures_in_a_row} calls in a row had no answer")
    if pulse.latency_ms is not None and pulse.latency_ms > slow_ms:
        reasons.append(f"answers take {pulse.latency_ms:.0f} ms")
    if pulse.offset_s is not None and abs(pulse.offset_s) > 1:
        reasons.append(f"the venue's clock is {pulse.offset_s:+.1f} s off")
    return (Health.DEGRADED, "; ".join(reasons)) if reasons else (Health.UP, "")
