"""The desk clock: an affine map of the monotonic clock, anchored in a file that the desk reads."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from apps.brokers.simulators.market.journal import iso, micros

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    return _BOOT.read_text().strip() if _BOOT.exists() else "unknown"


class DeskClock:
    """Desk time in microseconds since the epoch. It is moved only by `anchor`, and never back."""

    def __init__(self, path: Path, *, market: str) -> None:
        self._path = path
        self._market = market
        self._desk_us = 0
        self._mono_ns = time.monotonic_ns()
        self.epoch = 0
        self.speed = 1.0
        self.ended = False

    def now_us(self) -> int:
        if self.ended:
            return self._desk_us
        return self._desk_us + int((time.monotonic_ns() - self._mono_ns) * self.speed) // 1000

    def resume(self) -> bool:
        """Take the anchor of the file when it was made since this machine started; say whether it was."""
        saved = self._saved()
        if not saved or saved["boot_id"] != boot_id():
            return False
        self._desk_us, self._mono_ns = micros(saved["desk_at"]), int(saved["monotonic_ns"])
        self.epoch, self.speed, self.ended = saved["epoch"], float(saved["speed"]), bool(saved["ended"])
        return True

    def anchor(self, desk_us: int, *, speed: float | None = None, ended: bool = False) -> None:
        """Set desk time to `desk_us` from this moment on, as a new epoch, and tell the desk by the file."""
        saved = self._saved()
        self.epoch = max(self.epoch, saved["epoch"] if saved else 0) + 1
        self._desk_us, self._mono_ns = desk_us, time.monotonic_ns()
        self.speed = self.speed if speed is None else speed
        self.ended = ended
        self._write()

    def _saved(self) -> dict[str, Any] | None:
        if not self._path.exists():
            return None
        saved: dict[str, Any] = json.loads(self._path.read_text())
        return saved

    def _write(self) -> None:
        facts = {
            "epoch": self.epoch,
            "desk_at": iso(self._desk_us),
            "monotonic_ns": self._mono_ns,
            "boot_id": boot_id(),
            "wall_at": iso(int(datetime.now(UTC).timestamp() * 1e6)),
            "speed": self.speed,
            "market": self._market,
            "ended": self.ended,
        }
        fresh = self._path.with_suffix(".new")
        with fresh.open("w") as file:
            json.dump(facts, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
