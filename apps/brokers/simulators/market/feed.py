"""The prices as traded: a source with its shocks applied, cut into moments or put together as bars."""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from apps.brokers.simulators.market.sessions import DAY_S
from apps.brokers.simulators.market.ticks import EMPTY, Ints, Source, Ticks, joined

_DAYS_OF_TICKS = 4  # per instrument; minutes are small and kept for good
_LOOK_BACK_DAYS = 10  # the last quote before a long holiday is still a quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """Bid bars of one minute in points: `at` the open in epoch seconds, `spread` as it was at the open."""

    at: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    spread: Ints
    volume: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    at_s: int
    factor: float


class Feed:
    def __init__(self, source: Source) -> None:
        self.source = source
        self._shocks: dict[str, list[Shock]] = {}
        self._days: OrderedDict[tuple[str, int], Ticks] = OrderedDict()
        self._minutes: dict[tuple[str, int], Minutes] = {}

    def shock(self, name: str, *, at_s: int, factor: float) -> None:
        """Multiply the price by `factor` from `at_s` on."""
        self._shocks.setdefault(name, []).append(Shock(at_s=at_s, factor=factor))
        first = at_s // DAY_S
        for cache in (self._days, self._minutes):
            for key in [k for k in cache if k[0] == name and k[1] >= first]:
                del cache[key]

    def day(self, name: str, day: int) -> Ticks:
        key = (name, day)
        if key in self._days:
            self._days.move_to_end(key)
            return self._days[key]
        ticks = self.source.day(name, day)
        for shock in self._shocks.get(name, ()):
            ticks = self._shocked(name, ticks, shock, day)
        self._days[key] = ticks
        if len(self._days) > _DAYS_OF_TICKS * len(self.source.digits):
            self._days.popitem(last=False)
        return ticks

    def _shocked(self, name: str, ticks: Ticks, shock: Shock, day: int) -> Ticks:
        if day < shock.at_s // DAY_S or not ticks.at.size:
            return ticks
        cut = int(np.searchsorted(ticks.at, shock.at_s))
        at, bid, ask = ticks.at, ticks.bid, ticks.ask
        falls_here = day == shock.at_s // DAY_S and cut > 0 and self.source.is_open(name, shock.at_s)
        if falls_here and not (cut < at.size and at[cut] == shock.at_s):
            # A quote of its own at that second, so that the move is felt at once.
            at, bid, ask = (
                np.insert(a, cut, v) for a, v in ((at, shock.at_s), (bid, bid[cut - 1]), (ask, ask[cut - 1]))
            )
        moved = np.maximum(1, np.rint(bid * shock.factor)).astype(np.int64)  # a price stays above zero
        later = np.arange(at.size) >= cut
        return Ticks(at=at, bid=np.where(later, moved, bid), ask=np.where(later, moved + ask - bid, ask))

    def between(self, name: str, after_s: int, until_s: int) -> Ticks:
        """Quotes in (after_s, until_s]."""
        first, last = max(after_s, self.source.history_s - 1) // DAY_S, until_s // DAY_S
        if last < first or until_s < self.source.history_s:
            return EMPTY
        days = [
            self.day(name, day).between(after_s, until_s) for day in range(max(first, self._floor), last + 1)
        ]
        return joined(days) if days else EMPTY

    @property
    def _floor(self) -> int:
        return self.source.history_s // DAY_S

    def last(self, name: str, at_s: int) -> tuple[int, int, int] | None:
        """Return (second, bid, ask) of the latest quote not after `at_s`, or None when there is none."""
        for day in range(at_s // DAY_S, max(self._floor, at_s // DAY_S - _LOOK_BACK_DAYS) - 1, -1):
            ticks = self.day(name, day)
            index = int(np.searchsorted(ticks.at, at_s, side="right")) - 1
            if index >= 0:
                return int(ticks.at[index]), int(ticks.bid[index]), int(ticks.ask[index])
        return None

    def minutes(self, name: str, day: int, until_s: int) -> Minutes:
        """Bars of one UTC day up to `until_s`; the minute that holds it is still forming."""
        key = (name, day)
        whole = until_s >= (day + 1) * DAY_S
        if key in self._minutes and whole:
            return self._minutes[key]
        made = _bars_of(
            self.day(name, day).between(day * DAY_S - 1, until_s), self.source.volumes(name, day), day
        )
        if whole:
            self._minutes[key] = made
        return made


def _bars_of(ticks: Ticks, recorded: Ints | None, day: int) -> Minutes:
    minute = ticks.at // 60
    starts = np.flatnonzero(np.diff(minute, prepend=-1))
    ends = np.append(starts[1:], minute.size)
    if not starts.size:
        return Minutes(
            at=starts, open=starts, high=starts, low=starts, close=starts, spread=starts, volume=starts
        )
    volume = ends - starts if recorded is None else recorded[minute[starts] - day * 1440]
    return Minutes(
        at=minute[starts] * 60,
        open=ticks.bid[starts],
        high=np.maximum.reduceat(ticks.bid, starts),
        low=np.minimum.reduceat(ticks.bid, starts),
        close=ticks.bid[ends - 1],
        spread=(ticks.ask - ticks.bid)[starts],
        volume=volume,
    )
