"""What a replay keeps shut: the newest stretch of its past, for a locked test that nobody looks at before.

Desk time, half-open. A first look at those bars is the first opening of that test, so a training or an
evaluation that nobody gave dates ends before them, and one whose dates touch them is refused.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.conf import settings

from apps.agents.errors import HardFaults, NotAllowed
from apps.marketdata.domain.arrays import from_us, select, to_datetime64
from apps.marketdata.domain.bar import BarWindow

LOCKED_MONTHS = 18
# Of a past too short for that the last part is locked, and so much may be read.
READ_SHARE = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    first_at: datetime
    last_at: datetime  # the start of the replay

    def touches(self, first: datetime, last: datetime) -> bool:
        return first < self.last_at and last > self.first_at


def manifest() -> Mapping[str, Any] | None:
    """Return what is replayed, or None where nothing is. Raise HardFaults when it cannot be read."""
    path = settings.MTQ_REPLAY_DIR / "manifest.json"
    try:
        told: Mapping[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise HardFaults(f"{path} cannot be read: {error}") from error
    return told


def locked_in(window: BarWindow) -> Locked | None:
    """Return the stretch of an instrument's bars, given from its first one on, that nobody looks at.

    None without a replay, and where all bars came with it. Raise HardFaults when the manifest does not say.
    """
    start = _start_at()
    oldest = from_us(int(window.open_at[0].astype("datetime64[us]").astype(np.int64)))
    if start is None or oldest >= start:
        return None
    first = _months_before(start, LOCKED_MONTHS)
    if first - oldest < start - first:
        first = oldest + (start - oldest) * READ_SHARE
    return Locked(first_at=first, last_at=start)


def readable(window: BarWindow, named: Iterable[datetime | None]) -> BarWindow:
    """Return the bars before the locked stretch, or all where a date was named that lies behind its begin.

    What is then learned from, or judged on, is held against the stretch by `refuse`.
    """
    locked = locked_in(window)
    if locked is None or any(at is not None and at > locked.first_at for at in named):
        return window
    return select(window, window.open_at < to_datetime64(locked.first_at))


def refuse(window: BarWindow, *, first: datetime, last: datetime) -> None:
    """Raise NotAllowed when [first, last) touches the locked stretch."""
    locked = locked_in(window)
    if locked is not None and locked.touches(first, last):
        raise NotAllowed(
            f"{locked.first_at:%Y-%m-%d %H:%M} to {locked.last_at:%Y-%m-%d %H:%M} is kept for a locked test: "
            f"nothing is trained or judged on it ({first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} touches it)"
        )


def _start_at() -> datetime | None:
    told = manifest()
    if told is None:
        return None
    try:
        return datetime.fromisoformat(told["start_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise HardFaults(f"the replay's manifest does not say when it starts: {error!r}") from error


def _months_before(at: datetime, months: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, 28))
