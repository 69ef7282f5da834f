"""A store of arrays in memory, for notebooks and tests that need no server."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from apps.marketdata.domain import sessions
from apps.marketdata.domain.arrays import from_us, select, to_datetime64, values_of, window_of
from apps.marketdata.domain.bar import BarWindow, TimeArray, Timeframe
from apps.marketdata.domain.tick import Tick
from apps.marketdata.stores.base import Series

_EMPTY = np.empty(0, dtype="datetime64[us]")


class MemoryStore:
    """Bars by (source, instrument, native timeframe).

    Coarser timeframes are derived from 1m when asked for.
    """

    def __init__(self) -> None:
        self._bars: dict[tuple[str, str, Timeframe], BarWindow] = {}
        self._ticks: dict[tuple[str, str], dict[tuple[datetime, int], Tick]] = {}

    def ensure_schema(self) -> None:
        """Do nothing: dictionaries need no tables."""

    def append_bars(self, windows: Sequence[BarWindow], *, source: str, origin: str) -> None:
        del origin  # kept by servers for people to look at
        for window in windows:
            key = (source, window.instrument, window.timeframe)
            held = self._bars.get(key)
            self._bars[key] = window if held is None else _merged(held, window)

    def window(self, series: Series, *, before: datetime, count: int) -> BarWindow:
        held = self._series(series)
        return select(held, held.open_at < to_datetime64(before)).tail(count)

    def range(self, series: Series, *, first: datetime, last: datetime) -> BarWindow:
        held = self._series(series)
        return select(held, (held.open_at >= to_datetime64(first)) & (held.open_at < to_datetime64(last)))

    def opens(self, series: Series, *, first: datetime, last: datetime) -> TimeArray:
        return self.range(series, first=first, last=last).open_at

    def derived_through(self) -> bool:
        return True

    def append_ticks(self, ticks: Sequence[Tick], *, source: str) -> None:
        for tick in ticks:
            self._ticks.setdefault((source, tick.instrument), {})[tick.tick_at, tick.seq] = tick

    def ticks(self, *, source: str, instrument: str, first: datetime, last: datetime) -> list[Tick]:
        held = self._ticks.get((source, instrument), {})
        return [held[key] for key in sorted(held) if first <= key[0] < last]

    def close(self) -> None:
        """Do nothing: there is no connection."""

    def _series(self, series: Series) -> BarWindow:
        derived = series.timeframe is not Timeframe.M1 and not series.native
        stored = Timeframe.M1 if derived else series.timeframe
        held = self._bars.get((series.source, series.instrument, stored))
        if held is None:
            return window_of(series.instrument, series.timeframe, _EMPTY, np.empty((9, 0)))
        return _derived(held, series.timeframe) if derived else held


def _merged(held: BarWindow, added: BarWindow) -> BarWindow:
    """Sort by time; of equal times the later written stays."""
    opens = np.concatenate([held.open_at, added.open_at.astype("datetime64[us]")])
    values = np.concatenate([values_of(held), values_of(added)], axis=1)
    # Reversed, so that `unique` keeps the newest of equal times.
    _, index = np.unique(opens[::-1], return_index=True)
    keep = len(opens) - 1 - index
    return window_of(held.instrument, held.timeframe, opens[keep], values[:, keep])


def _derived(base: BarWindow, timeframe: Timeframe) -> BarWindow:
    buckets = np.array(
        [
            to_datetime64(sessions.bucket_open(timeframe, from_us(int(us))))
            for us in base.open_at.astype("datetime64[us]").astype(np.int64)
        ],
        dtype="datetime64[us]",
    )
    opens, starts = np.unique(buckets, return_index=True)
    ends = np.append(starts[1:], len(buckets))
    values = values_of(base)
    rows = [_aggregated(values[:, start:end]) for start, end in zip(starts, ends, strict=True)]
    return window_of(base.instrument, timeframe, opens, np.array(rows).T.reshape(9, len(rows)))


def _aggregated(part: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[float]:
    sides = [[side[0, 0], side[1].max(), side[2].min(), side[3, -1]] for side in (part[:4], part[4:8])]
    return [float(value) for value in (*sides[0], *sides[1], part[8].sum())]
