"""Bars as arrays. Market history is float64; bar time is the open, in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
TimeArray = NDArray[np.datetime64]

SIDES = ("bid_open", "bid_high", "bid_low", "bid_close", "ask_open", "ask_high", "ask_low", "ask_close")
COLUMNS = (*SIDES, "volume")


class Timeframe(StrEnum):
    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    @property
    def minutes(self) -> int:
        return {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "4h": 240, "1d": 1440}[self.value]

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    @classmethod
    def from_minutes(cls, minutes: int) -> Self:
        """Raise ValueError when there is no such timeframe."""
        for timeframe in cls:
            if timeframe.minutes == minutes:
                return timeframe
        raise ValueError(f"no timeframe of {minutes} minutes")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarWindow:
    """Closed bars of one instrument, oldest first; all arrays have shape (n,).

    `open_at` is datetime64[us] in UTC. An unknown side is NaN.
    """

    instrument: str
    timeframe: Timeframe
    open_at: TimeArray
    bid_open: FloatArray
    bid_high: FloatArray
    bid_low: FloatArray
    bid_close: FloatArray
    ask_open: FloatArray
    ask_high: FloatArray
    ask_low: FloatArray
    ask_close: FloatArray
    volume: FloatArray

    def __len__(self) -> int:
        return len(self.open_at)

    @property
    def last_close_at(self) -> datetime:
        """When the newest bar closed. Raise IndexError on an empty window."""
        opened: datetime = self.open_at[-1].astype("datetime64[us]").item()
        return opened.replace(tzinfo=UTC) + self.timeframe.length

    def mid(self, part: str) -> FloatArray:
        """Return the mid of `open`, `high`, `low` or `close`, shape (n,)."""
        bid: FloatArray = getattr(self, f"bid_{part}")
        ask: FloatArray = getattr(self, f"ask_{part}")
        return (bid + ask) / 2

    def tail(self, count: int) -> "BarWindow":
        """Return the newest `count` bars."""
        arrays = {name: getattr(self, name)[-count:] for name in ("open_at", *COLUMNS)}
        return BarWindow(instrument=self.instrument, timeframe=self.timeframe, **arrays)
