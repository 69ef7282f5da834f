"""A market made up from a seed: clustered volatility, sessions, jumps, weekends. Nobody's real prices."""

import zlib
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from apps.brokers.simulators.market import sessions
from apps.brokers.simulators.market.instruments import CATALOGUE
from apps.brokers.simulators.market.older import made_up
from apps.brokers.simulators.market.ticks import STEP_S, Days, Ints, Ticks

HISTORY_DAYS = 30
_STEPS_PER_MINUTE = 60 // STEP_S
_STEPS = 1440 * _STEPS_PER_MINUTE
_STEPS_PER_YEAR = 260 * _STEPS
_CALM, _SHAKE = 0.995, 0.05  # log volatility per minute: half-life 2.3 h, standard deviation 0.5
_PULL_PER_DAY = 0.005  # towards the first price, so a long run stays in a plausible range
_JUMPS_PER_DAY, _JUMP_SIZE = 1.2, 12.0  # size in standard deviations of a minute

# Activity by UTC hour: Asia quiet, London, New York, the thin hours after its close.
_HOURS = (
    0.6,
    0.6,
    0.6,
    0.6,
    0.6,
    0.7,
    0.9,
    1.3,
    1.5,
    1.4,
    1.2,
    1.1,
    1.3,
    1.6,
    1.7,
    1.5,
    1.3,
    1.1,
    0.9,
    0.8,
    0.7,
)
_ACTIVITY = np.repeat((*_HOURS, 0.4, 0.5, 0.6), 60)
_THIN = np.where(_ACTIVITY < 0.5, 3.0, np.where(_ACTIVITY < 0.8, 1.4, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Start price, volatility per year, share of the common US dollar move, usual spread in points."""

    price: float
    yearly: float
    dollar: float
    spread: int


SHAPES = {
    "EURUSD": Shape(price=1.0850, yearly=0.075, dollar=-0.7, spread=8),
    "GBPUSD": Shape(price=1.2700, yearly=0.090, dollar=-0.6, spread=12),
    "USDJPY": Shape(price=148.50, yearly=0.100, dollar=0.6, spread=10),
    "XAUUSD": Shape(price=2350.0, yearly=0.150, dollar=-0.4, spread=22),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Carry:
    """What one day hands to the next."""

    price: float
    log_vol: float
    was_open: bool


class SyntheticMarket:
    """Each day follows from the day before and a generator seeded by (seed, instrument, day)."""

    market = "synthetic"
    native_minutes = 1
    end_s = None

    def __init__(self, *, seed: int, start_s: int, names: list[str] | None = None) -> None:
        self.start_s = start_s
        self._first = start_s // sessions.DAY_S - HISTORY_DAYS
        self.history_s = self._first * sessions.DAY_S
        self._seed = seed
        self.digits = {name: CATALOGUE[name].digits for name in names or SHAPES}
        self._carries: dict[str, list[_Carry]] = {
            name: [_Carry(price=SHAPES[name].price, log_vol=0.0, was_open=True)] for name in self.digits
        }

    def day(self, name: str, day: int) -> Ticks:
        index = day - self._first
        if index < 0:
            raise ValueError(f"{name}: the synthetic market begins on day {self._first}, not {day}")
        carries = self._carries[name]
        while len(carries) <= index:
            carries.append(self._make(name, self._first + len(carries) - 1)[1])
        ticks, after = self._make(name, day)
        if len(carries) == index + 1:
            carries.append(after)
        return ticks

    def is_open(self, name: str, at_s: int) -> bool:
        return sessions.is_open(CATALOGUE[name].kind, at_s)

    def next_open(self, name: str, at_s: int) -> int | None:
        return sessions.next_open(CATALOGUE[name].kind, at_s)

    def drop(self, name: str) -> None:
        del self.digits[name]

    def older(self, name: str) -> Days:
        shape = SHAPES[name]
        return made_up(
            name,
            seed=self._seed,
            before=self._first,
            last=shape.price * 10 ** self.digits[name],
            yearly=shape.yearly,
            dollar=shape.dollar,
            spread=shape.spread,
        )

    def volumes(self, name: str, day: int) -> Ints | None:  # noqa: ARG002 -- ticks are counted
        return None

    def _make(self, name: str, day: int) -> tuple[Ticks, _Carry]:
        shape, before = SHAPES[name], self._carries[name][day - self._first]
        rng = np.random.default_rng([self._seed, zlib.crc32(name.encode()), day])
        is_open = sessions.open_minutes(CATALOGUE[name].kind, day)
        shakes = rng.standard_normal(1440) * _SHAKE
        log_vol = list(accumulate(shakes.tolist(), lambda h, e: _CALM * h + e, initial=before.log_vol))
        heat = np.exp(np.array(log_vol[1:])) * _ACTIVITY
        moves = self._moves(rng, shape, before, day, heat, is_open)
        mid = before.price * np.exp(np.cumsum(moves))
        spread = self._spread(rng, shape, heat)
        lit = np.repeat(is_open, _STEPS_PER_MINUTE)
        bid = np.rint(mid * 10 ** self.digits[name] - spread / 2).astype(np.int64)
        at = day * sessions.DAY_S + np.arange(_STEPS, dtype=np.int64) * STEP_S
        ticks = Ticks(at=at[lit], bid=bid[lit], ask=(bid + spread)[lit])
        return ticks, _Carry(price=float(mid[-1]), log_vol=log_vol[-1], was_open=bool(is_open[-1]))

    def _moves(
        self,
        rng: np.random.Generator,
        shape: Shape,
        before: _Carry,
        day: int,
        heat: NDArray[np.float64],
        is_open: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        """Return log returns per step; closed minutes stand still, the first after a pause has its gap."""
        dollar = np.random.default_rng([self._seed, day]).standard_normal(_STEPS)
        own = rng.standard_normal(_STEPS)
        sigma = shape.yearly / _STEPS_PER_YEAR**0.5
        moves = (shape.dollar * dollar + (1 - shape.dollar**2) ** 0.5 * own) * np.repeat(heat, 12) * sigma
        pull = _PULL_PER_DAY * np.log(shape.price / before.price) / _STEPS
        jumps = rng.poisson(_JUMPS_PER_DAY)
        places = rng.integers(0, _STEPS, jumps)
        np.add.at(moves, places, rng.standard_normal(jumps) * _JUMP_SIZE * sigma * _STEPS_PER_MINUTE**0.5)
        moves = np.where(np.repeat(is_open, _STEPS_PER_MINUTE), moves + pull, 0.0)
        opens = is_open & ~np.concatenate(([before.was_open], is_open[:-1]))
        gap = rng.standard_normal() * 0.15 * sigma * _STEPS**0.5
        moves[np.flatnonzero(opens) * _STEPS_PER_MINUTE] += gap
        return moves

    def _spread(self, rng: np.random.Generator, shape: Shape, heat: NDArray[np.float64]) -> Ints:
        """Wider in thin hours and in wild ones, in whole points."""
        per_minute = shape.spread * _THIN * np.sqrt(np.maximum(heat / _ACTIVITY, 0.6))
        noise = rng.uniform(0.85, 1.25, _STEPS)
        return np.maximum(1, np.rint(np.repeat(per_minute, _STEPS_PER_MINUTE) * noise)).astype(np.int64)
