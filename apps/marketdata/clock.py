"""Desk time: real time, or the simulated venue's clock where it has written one."""

import threading
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from apps.marketdata.domain import desk_clock, sessions
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.domain.desk_clock import Anchor
from apps.marketdata.errors import BadData

__all__ = ["Anchor", "anchor", "day_began_at", "desk_now", "speed", "stale_after"]

_LEAST_WALL_S = 2.0
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@lru_cache(maxsize=8)
def _path(name: str | Path) -> Path:
    """Return the clock's file: it is looked at ten times for an order, and making a Path takes longer."""
    return Path(name)


class _Clock:
    """What this process last read, and the latest desk time that it told: desk time never goes back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: tuple[Path, int, int, Anchor] | None = None
        self._told: tuple[Path, datetime] | None = None
        self._boot_id = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else ""

    def anchor(self) -> Anchor | None:
        path = _path(settings.MTQ_CLOCK_FILE)
        try:
            stat = path.stat()
            if self._read is None or self._read[:3] != (path, stat.st_mtime_ns, stat.st_ino):
                self._read = (path, stat.st_mtime_ns, stat.st_ino, desk_clock.parse(path.read_text()))
        except FileNotFoundError:
            return None
        return self._read[3]

    def now(self) -> datetime:
        with self._lock:
            anchored = self.anchor()
            if anchored is None:
                return datetime.now(UTC)
            now = anchored.at(monotonic_ns=time.monotonic_ns(), boot_id=self._boot_id)
            path = _path(settings.MTQ_CLOCK_FILE)
            if self._told is not None and self._told[0] == path:
                now = max(now, self._told[1])
            self._told = (path, now)
            return now


_clock = _Clock()


def anchor() -> Anchor | None:
    """Return the venue's clock anchor, or None where desk time is real time.

    Raise BadData on a broken file.
    """
    return _clock.anchor()


def desk_now() -> datetime:
    """Return desk time, aware UTC; within a process it never goes back.

    Raise BadData on a broken clock file.
    """
    return _clock.now()


def day_began_at() -> datetime:
    """Return the desk time at which this trading day began: 17:00 New York, as daily bars and losses count.

    It is for pages, which open all the same when the clock file is broken: then it is a day of wall time ago.
    """
    try:
        return sessions.bucket_open(Timeframe.D1, desk_now())
    except BadData:
        return datetime.now(UTC) - timedelta(days=1)


def speed() -> float:
    """Return how many desk seconds pass in one second of wall time."""
    anchored = _clock.anchor()
    return 1.0 if anchored is None else anchored.speed


def stale_after(limit_s: float) -> timedelta:
    """Return `limit_s` of desk time, but never less than 2 s of wall time at the desk's speed."""
    return timedelta(seconds=max(limit_s, _LEAST_WALL_S * speed()))
