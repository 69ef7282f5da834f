"""Desk time as an affine map of the monotonic clock, which a simulated venue anchors."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.marketdata.errors import BadData


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Desk time was `desk_at` when CLOCK_MONOTONIC stood at `monotonic_ns`; it runs `speed` times as fast."""

    epoch: int
    desk_at: datetime
    monotonic_ns: int
    boot_id: str
    wall_at: datetime
    speed: float
    market: str
    ended: bool

    def at(self, *, monotonic_ns: int, boot_id: str) -> datetime:
        """Return desk time.

        It stands still after the replay's end, and after a reboot until the next anchor.
        """
        if self.ended or boot_id != self.boot_id:
            return self.desk_at
        elapsed_us = max(0, monotonic_ns - self.monotonic_ns) / 1000
        return self.desk_at + timedelta(microseconds=elapsed_us * self.speed)


def parse(text: str) -> Anchor:
    """Read the clock file's JSON. Raise BadData naming what is missing."""
    try:
        raw = json.loads(text)
        return Anchor(
            epoch=int(raw["epoch"]),
            desk_at=_instant(raw["desk_at"]),
            monotonic_ns=int(raw["monotonic_ns"]),
            boot_id=str(raw["boot_id"]),
            wall_at=_instant(raw["wall_at"]),
            speed=float(raw["speed"]),
            market=str(raw["market"]),
            ended=bool(raw["ended"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BadData(f"the clock file is not readable: {error!r}") from error


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return at
