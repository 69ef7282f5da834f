"""What a campaign counts, and the one line that it prints."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.risk.management.races.crew import Answer

SLOWEST_TRIP_MS = 500.0


def quantile(times: Sequence[float], part: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * part))] if times else 0.0


@dataclass(slots=True)
class Tally:
    """Counts of all races together. Times are milliseconds of wall time."""

    seed: int
    rounds: int = 0
    said: Counter[str] = field(default_factory=Counter)
    busy: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    attempts_ms: list[float] = field(default_factory=list)
    verdicts_ms: list[float] = field(default_factory=list)
    trips_ms: list[float] = field(default_factory=list)
    exits_ms: list[float] = field(default_factory=list)
    places: int = 0
    stranded: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, answers: Iterable[Answer]) -> None:
        for answer in answers:
            self.said[answer.said] += 1
            self.busy.update(answer.why_busy)
            self.reasons.update(answer.reasons)
            self.attempts_ms += answer.attempts_ms
            self.verdicts_ms.append(answer.verdict_ms)

    def as_json(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "rounds": self.rounds,
            "orders": self.said.total(),
            "approved": self.said["approved"],
            "denied": self.said["denied"],
            "no_verdict": self.said["none"],
            "busy": self.busy.total(),
            "why_busy": dict(self.busy),
            "reasons": dict(self.reasons),
            "misses": len(self.misses),
            "attempt_p50_ms": round(quantile(self.attempts_ms, 0.5), 1),
            "attempt_p99_ms": round(quantile(self.attempts_ms, 0.99), 1),
            "verdict_p50_ms": round(quantile(self.verdicts_ms, 0.5), 1),
            "verdict_p99_ms": round(quantile(self.verdicts_ms, 0.99), 1),
            "trips": len(self.trips_ms),
            "slowest_trip_ms": round(max(self.trips_ms, default=0.0), 1),
            "exits": len(self.exits_ms),
            "slowest_exit_ms": round(max(self.exits_ms, default=0.0), 1),
            "allowance_places": self.places,
            "stranded": self.stranded,
        }

    def line(self) -> str:
        seen = self.as_json()
        return (
            "races: seed {seed}, {rounds} rounds, {orders} orders: {approved} approved, {denied} denied, "
            "{no_verdict} without a verdict, {busy} busy; {misses} misses; "
            "attempt p50 {attempt_p50_ms} p99 {attempt_p99_ms} ms, "
            "verdict p50 {verdict_p50_ms} p99 {verdict_p99_ms} ms; "
            "{trips} desk trips, slowest {slowest_trip_ms} ms; {exits} exits, slowest {slowest_exit_ms} ms; "
            "{stranded} of {allowance_places} places stranded by allowances"
        ).format_map(seen)
