"""Recorded bars as a market: each bar is walked along one stated, seeded path inside it.

The path of a bar: open, then its high and its low (which comes first, and when, is drawn from
(seed, instrument, bar open)), then close, in straight lines on a grid of five seconds. Bid and ask go through
their own four prices at the same moments, so the walked bar has exactly the recorded prices.
"""

import json
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from apps.brokers.simulators.market.instruments import CATALOGUE
from apps.brokers.simulators.market.sessions import DAY_S
from apps.brokers.simulators.market.ticks import EMPTY, STEP_S, Ints, Ticks

SIDES = ("open", "high", "low", "close")


class ReplayError(ValueError):
    """The replay folder cannot be used; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bars:
    at: Ints
    bid: Ints  # shape (n, 4): open, high, low, close in points
    ask: Ints
    volume: Ints


class ReplayMarket:
    market = "replay"

    def __init__(self, *, folder: Path, seed: int) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        if manifest.get("version") != 1:
            raise ReplayError(f"{folder}: manifest version {manifest.get('version')!r} is not 1")
        self.native_minutes = int(manifest["timeframe_minutes"])
        self.start_s = self.history_s = int(datetime.fromisoformat(manifest["start_at"]).timestamp())
        self.digits: dict[str, int] = {}
        self.unknown: list[str] = []
        self._seed = seed
        self._bars: dict[str, _Bars] = {}
        for entry in manifest["instruments"]:
            name = entry["name"]
            if name not in CATALOGUE:
                self.unknown.append(name)
                continue
            self.digits[name] = CATALOGUE[name].digits
            self._bars[name] = _load(folder / entry["file"], name, 10 ** self.digits[name])
        if not self._bars:
            raise ReplayError(f"{folder}: no instrument that this venue knows")

    @property
    def end_s(self) -> int | None:
        return max(int(bars.at[-1]) for bars in self._bars.values()) + self.native_minutes * 60

    def older(self, name: str) -> None:  # noqa: ARG002 -- what was before the start is not in the recording
        return None

    def drop(self, name: str) -> None:
        """Leave an instrument out of the market."""
        del self._bars[name], self.digits[name]

    def day(self, name: str, day: int) -> Ticks:
        bars = self._bars[name]
        # A bar that begins the day before may reach into this one.
        first, last = np.searchsorted(
            bars.at, (day * DAY_S - self.native_minutes * 60 + 1, (day + 1) * DAY_S)
        )
        if first == last:
            return EMPTY
        chosen = slice(int(first), int(last))
        ticks = self._walk(name, bars.at[chosen], bars.bid[chosen], bars.ask[chosen])
        return ticks.between(day * DAY_S - 1, (day + 1) * DAY_S - 1)

    def is_open(self, name: str, at_s: int) -> bool:
        at = self._bars[name].at
        index = int(np.searchsorted(at, at_s, side="right")) - 1
        return index >= 0 and at_s < int(at[index]) + self.native_minutes * 60

    def next_open(self, name: str, at_s: int) -> int | None:
        if self.is_open(name, at_s):
            return at_s
        at = self._bars[name].at
        index = int(np.searchsorted(at, at_s))
        return int(at[index]) if index < at.size else None

    def volumes(self, name: str, day: int) -> Ints | None:
        """Spread each bar's recorded volume over its minutes, the remainder to the first ones."""
        bars, length = self._bars[name], self.native_minutes
        minutes = day * 1440 + np.arange(1440)
        index = np.searchsorted(bars.at, minutes * 60, side="right") - 1
        volume = bars.volume[np.maximum(index, 0)]
        place = minutes - bars.at[np.maximum(index, 0)] // 60
        return volume // length + (place < volume % length)

    def _walk(self, name: str, at: Ints, bid: Ints, ask: Ints) -> Ticks:
        steps = self.native_minutes * 60 // STEP_S
        key = np.uint64(zlib.crc32(name.encode()) + (self._seed << 32))
        draws = [_hash(at.astype(np.uint64) * np.uint64(4) + np.uint64(k) ^ key) for k in range(3)]
        high_first = draws[0] % np.uint64(2) == 0
        # Both extremes strictly between the first and the last step, in order.
        third = max(1, (steps - 2) // 3)
        early = 1 + (draws[1] % np.uint64(third)).astype(np.int64)
        late = steps - 2 - (draws[2] % np.uint64(third)).astype(np.int64)
        knots = np.stack([np.zeros_like(early), early, late, np.full_like(early, steps - 1)], axis=1)
        grid = np.arange(steps)
        sides = [_through(knots, _ordered(side, high_first), grid).reshape(-1) for side in (bid, ask)]
        times = (at[:, None] + grid * STEP_S).reshape(-1)
        return Ticks(at=times, bid=sides[0], ask=sides[1])


def _ordered(side: Ints, high_first: NDArray[np.bool_]) -> Ints:
    first = np.where(high_first, side[:, 1], side[:, 2])
    second = np.where(high_first, side[:, 2], side[:, 1])
    return np.stack([side[:, 0], first, second, side[:, 3]], axis=1)


def _through(knots: Ints, prices: Ints, grid: Ints) -> Ints:
    """Straight lines through four (step, price) knots per bar, in whole points."""
    walked = np.empty((knots.shape[0], grid.size), np.int64)
    for leg in range(3):
        start, stop = knots[:, leg, None], knots[:, leg + 1, None]
        low, high = prices[:, leg, None], prices[:, leg + 1, None]
        inside = (grid >= start) & (grid <= stop)
        line = np.rint(low + (high - low) * (grid - start) / (stop - start)).astype(np.int64)
        walked = np.where(inside, line, walked)
    return walked


def _hash(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix 64 bits (splitmix64), the same on every machine."""
    with np.errstate(over="ignore"):
        z = values + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _load(path: Path, name: str, scale: int) -> _Bars:
    table = pq.read_table(path)
    at = table.column("time").cast(pa.timestamp("s", tz="UTC"), safe=False).cast("int64").to_numpy()
    if not at.size or np.any(np.diff(at) <= 0):
        raise ReplayError(f"{path}: bars of {name} are missing, repeated or out of order")
    sides = []
    for side in ("bid", "ask"):
        columns = [table.column(f"{side}_{part}").to_numpy() for part in SIDES]
        prices = np.stack(columns, axis=1).astype(np.float64)
        if not np.all(np.isfinite(prices)) or np.any(prices <= 0):
            raise ReplayError(f"{path}: {side} prices of {name} are not all finite and above zero")
        sides.append(np.rint(prices * scale).astype(np.int64))
    volume = np.nan_to_num(table.column("volume").to_numpy().astype(np.float64)).astype(np.int64)
    return _Bars(at=at, bid=sides[0], ask=sides[1], volume=volume)
