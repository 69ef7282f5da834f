"""Bars and ticks as the copy_* calls give them: bid bars with the spread in points, in server time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from apps.brokers.simulators.market import sessions
from apps.brokers.simulators.market.feed import Feed, Minutes
from apps.brokers.simulators.market.ticks import Ints

MAX_BARS = 10_000
_DAY, _WEEK, _MONTH = 1440, 10_080, 43_200
_PRICES = ("open", "high", "low", "close", "spread", "volume")
TIMEFRAMES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, _DAY, _WEEK, _MONTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars in server seconds and points."""

    at: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    spread: Ints
    volume: Ints


class Rates:
    def __init__(self, feed: Feed, zone: str) -> None:
        self._feed = feed
        self._zone = zone

    def range(self, name: str, minutes: int, first_s: int, last_s: int, now_s: int) -> list[dict[str, Any]]:
        """Bars whose open lies in [first_s, last_s] of server time, oldest first.

        Raises ValueError for an unknown timeframe or more than MAX_BARS bars.
        """
        self._known(minutes)
        days = range(
            max(first_s // sessions.DAY_S - 1, self._first_day), self._last_day(last_s, minutes, now_s) + 1
        )
        if len(days) * _DAY // minutes > 4 * MAX_BARS:
            raise ValueError(f"Invalid params: a range of {len(days)} days is more than {MAX_BARS} bars")
        bars = self._with_older(
            name, self._group(list(self._minutes(name, iter(days), now_s)), minutes), minutes
        )
        keep = (bars.at >= first_s) & (bars.at <= last_s)
        if keep.sum() > MAX_BARS:
            raise ValueError(f"Invalid params: {keep.sum()} bars in the range, at most {MAX_BARS} a call")
        return self._rows(name, bars, np.flatnonzero(keep))

    def back(
        self, name: str, minutes: int, last_s: int | None, skip: int, count: int, now_s: int
    ) -> list[dict[str, Any]]:
        """Give `count` bars, oldest first, ending `skip` bars before the newest that opens by `last_s`."""
        self._known(minutes)
        if count > MAX_BARS or count < 0 or skip < 0:
            raise ValueError(f"Invalid params: count {count} (at most {MAX_BARS}), position {skip}")
        parts: list[Minutes] = []
        bars = self._group([], minutes)
        last_day = now_s // sessions.DAY_S if last_s is None else self._last_day(last_s, minutes, now_s)
        for day in range(last_day, self._first_day - 1, -1):
            parts[:0] = self._minutes(name, iter((day,)), now_s)
            if sum(part.at.size for part in parts) // minutes < skip + count + 1 and day > self._first_day:
                continue
            bars = self._with_older(name, self._group(parts, minutes), minutes)
            if last_s is not None:
                bars = _cut(bars, bars.at <= last_s)
            if bars.at.size > skip + count:
                break
        end = bars.at.size - skip
        return self._rows(name, bars, np.arange(max(0, end - count), max(0, end)))

    def ticks(self, name: str, first_s: int, last_s: int, now_s: int, limit: int) -> list[dict[str, Any]]:
        """Quotes in [first_s, last_s] of server time, oldest first, at most `limit`."""
        shift = sessions.offset_s(self._zone, first_s // sessions.DAY_S)
        ticks = self._feed.between(name, first_s - shift - 1, min(last_s - shift, now_s))
        scale = 10 ** self._feed.source.digits[name]
        rows = zip(
            ticks.at[:limit].tolist(), ticks.bid[:limit].tolist(), ticks.ask[:limit].tolist(), strict=True
        )
        return [
            {
                "time": _iso(at + shift),
                "time_msc": _iso(at + shift)[:-1] + ".000Z",
                "bid": bid / scale,
                "ask": ask / scale,
                "last": 0.0,
                "volume": 0,
                "volume_real": 0.0,
                "flags": 6,
            }
            for at, bid, ask in rows
        ]

    def _with_older(self, name: str, bars: Bars, minutes: int) -> Bars:
        """Put the days before which there are no minutes in front of daily bars."""
        older = self._feed.source.older(name) if minutes == _DAY else None
        if older is None:
            return bars
        shift = sessions.offset_s(self._zone, self._first_day)
        keep = older.day < (self._feed.source.history_s + shift) // sessions.DAY_S
        parts = {"at": older.day * sessions.DAY_S} | {field: getattr(older, field) for field in _PRICES}
        return Bars(
            **{field: np.concatenate([values[keep], getattr(bars, field)]) for field, values in parts.items()}
        )

    @property
    def _first_day(self) -> int:
        return self._feed.source.history_s // sessions.DAY_S

    def _last_day(self, last_s: int, minutes: int, now_s: int) -> int:
        """Return the UTC day in which a bar that opens at `last_s` ends."""
        return min(now_s, last_s + minutes * 60 + sessions.DAY_S) // sessions.DAY_S

    def _known(self, minutes: int) -> None:
        if minutes not in TIMEFRAMES:
            raise ValueError(f"Invalid params: timeframe {minutes} minutes; known are {TIMEFRAMES}")

    def _minutes(self, name: str, days: Iterator[int], now_s: int) -> Iterator[Minutes]:
        for day in days:
            made = self._feed.minutes(name, day, now_s)
            if made.at.size:
                yield made

    def _group(self, parts: list[Minutes], minutes: int) -> Bars:
        if not parts:
            none = np.empty(0, np.int64)
            return Bars(at=none, open=none, high=none, low=none, close=none, spread=none, volume=none)
        at = np.concatenate(
            [p.at + sessions.offset_s(self._zone, int(p.at[0]) // sessions.DAY_S) for p in parts]
        )
        opens = _opens(at, minutes)
        starts = np.flatnonzero(np.diff(opens, prepend=opens[0] - 1))
        ends = np.append(starts[1:], at.size) - 1

        def column(field: str) -> Ints:
            joined: Ints = np.concatenate([getattr(part, field) for part in parts])
            return joined

        return Bars(
            at=opens[starts],
            open=column("open")[starts],
            high=np.maximum.reduceat(column("high"), starts),
            low=np.minimum.reduceat(column("low"), starts),
            close=column("close")[ends],
            spread=column("spread")[starts],
            volume=np.add.reduceat(column("volume"), starts),
        )

    def _rows(self, name: str, bars: Bars, chosen: Ints) -> list[dict[str, Any]]:
        scale = 10 ** self._feed.source.digits[name]
        columns = (bars.at, bars.open, bars.high, bars.low, bars.close, bars.spread, bars.volume)
        return [
            {
                "time": _iso(at),
                "open": open_ / scale,
                "high": high / scale,
                "low": low / scale,
                "close": close / scale,
                "tick_volume": volume,
                "spread": spread,
                "real_volume": 0,
            }
            for at, open_, high, low, close, spread, volume in zip(
                *(c[chosen].tolist() for c in columns), strict=True
            )
        ]


def _opens(at: Ints, minutes: int) -> Ints:
    """Open of the bar that holds each server second: weeks begin on Sunday, months on their first."""
    if minutes == _MONTH:
        months: Ints = (
            at.astype("datetime64[s]").astype("datetime64[M]").astype("datetime64[s]").astype(np.int64)
        )
        return months
    length, shift = minutes * 60, 4 * sessions.DAY_S if minutes == _WEEK else 0
    return (at + shift) // length * length - shift


def _cut(bars: Bars, keep: Any) -> Bars:
    fields = ("at", "open", "high", "low", "close", "spread", "volume")
    return Bars(**{field: getattr(bars, field)[keep] for field in fields})


def _iso(at_s: int) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%dT%H:%M:%SZ}"


def server_seconds(text: str) -> int:
    """Read an ISO 8601 date as server time; a zone in it is taken as MT5 takes it, as if it were UTC.

    Raises ValueError.
    """
    at = datetime.fromisoformat(text)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
