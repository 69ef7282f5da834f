"""Prices as the sources give them: whole points on a grid of whole seconds."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

STEP_S = 5  # a price every five desk seconds, well inside any staleness limit
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """Quotes of one instrument in time order; `at` in epoch seconds, sides in points."""

    at: Ints
    bid: Ints
    ask: Ints

    def between(self, after_s: int, until_s: int) -> "Ticks":
        """Quotes in (after_s, until_s]."""
        lo, hi = np.searchsorted(self.at, (after_s, until_s), side="right")
        return Ticks(at=self.at[lo:hi], bid=self.bid[lo:hi], ask=self.ask[lo:hi])


EMPTY = Ticks(at=np.empty(0, np.int64), bid=np.empty(0, np.int64), ask=np.empty(0, np.int64))


def joined(parts: list[Ticks]) -> Ticks:
    if len(parts) == 1:
        return parts[0]
    return Ticks(
        at=np.concatenate([p.at for p in parts]),
        bid=np.concatenate([p.bid for p in parts]),
        ask=np.concatenate([p.ask for p in parts]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    bid: Decimal
    ask: Decimal
    at_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Bars in points, oldest first; `day` counts days since 1970 as the server dates them."""

    day: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    spread: Ints
    volume: Ints


class Source(Protocol):
    """Where prices come from: a pure function of (seed, instrument, day)."""

    market: str  # "synthetic" or "replay"
    native_minutes: int
    start_s: int
    history_s: int  # the first second of which bars are served
    digits: dict[str, int]

    @property
    def end_s(self) -> int | None:
        """Return the second at which the market closes for good, if it does."""

    def day(self, name: str, day: int) -> Ticks:
        """Quotes of one UTC day."""

    def is_open(self, name: str, at_s: int) -> bool: ...

    def next_open(self, name: str, at_s: int) -> int | None:
        """Return the second (>= at_s) at which it trades, or None when it never does again."""

    def drop(self, name: str) -> None:
        """Leave an instrument out of the market."""

    def older(self, name: str) -> Days | None:
        """Return daily bars from before `history_s`, if there are any."""

    def volumes(self, name: str, day: int) -> Ints | None:
        """Return the recorded volume of each UTC minute of a day, None where ticks are counted."""
