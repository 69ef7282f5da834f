"""What every store of market history offers: arrays in, arrays out, one world each.

All methods raise StoreUnavailable when the store does not answer; nothing is half-visible after an append
returns. A series is named by (source, instrument, timeframe). `native` says that bars of that timeframe
were written as such; otherwise a timeframe above 1m is derived from the 1m bars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from apps.marketdata.domain.bar import BarWindow, TimeArray, Timeframe
from apps.marketdata.domain.tick import Tick


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    source: str
    instrument: str
    timeframe: Timeframe
    native: bool = False


class BarStore(Protocol):
    def ensure_schema(self) -> None:
        """Create what is missing; harmless when repeated."""
        ...

    def append_bars(self, windows: Sequence[BarWindow], *, source: str, origin: str) -> None:
        """Store bars (1m, or natively if coarser) and return once reads see them.

        A repeated bar replaces itself.
        """
        ...

    def window(self, series: Series, *, before: datetime, count: int) -> BarWindow:
        """Return the newest `count` bars that open before `before`, oldest first; it may be empty."""
        ...

    def range(self, series: Series, *, first: datetime, last: datetime) -> BarWindow:
        """Return the bars with first <= open < last."""
        ...

    def opens(self, series: Series, *, first: datetime, last: datetime) -> TimeArray:
        """Return the bar opens with first <= open < last, sorted, datetime64[us]."""
        ...

    def derived_through(self) -> bool:
        """Tell whether every derived timeframe has caught up with the 1m bars written so far."""
        ...

    def close(self) -> None: ...


class TickStore(Protocol):
    def append_ticks(self, ticks: Sequence[Tick], *, source: str) -> None: ...
    def ticks(self, *, source: str, instrument: str, first: datetime, last: datetime) -> list[Tick]:
        """Return the ticks with first <= time < last, by (time, seq)."""
        ...


class Store(BarStore, TickStore, Protocol):
    """Both in one."""
