"""A stage for the venue: scripted prices, a clock that stands still, and short words for orders."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from json import loads
from pathlib import Path
from typing import Any

import numpy as np

from apps.brokers.simulators.market.accounts import Account
from apps.brokers.simulators.market.instruments import CATALOGUE
from apps.brokers.simulators.market.requests import DEAL, PENDING, Request, Result, exact
from apps.brokers.simulators.market.sessions import DAY_S
from apps.brokers.simulators.market.synthetic import SyntheticMarket
from apps.brokers.simulators.market.ticks import Ints, Ticks
from apps.brokers.simulators.market.venue import Opening, Plan, Venue

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
START_S = int(MONDAY.timestamp())
LOGIN = 100_001

Script = dict[str, list[tuple[int, str, str]]]  # instrument -> (seconds after the start, bid, ask)


class ScriptedMarket:
    """Prices written down by a test; open from `opens` on, closed in `closed` (seconds after the start)."""

    market = "synthetic"
    native_minutes = 1
    end_s = None

    def __init__(self, script: Script, closed: tuple[int, int] = (-2, -1)) -> None:
        self.start_s = self.history_s = START_S
        self.digits = {name: CATALOGUE[name].digits for name in script}
        self._closed = range(START_S + closed[0], START_S + closed[1])
        self._ticks = {name: _ticks(name, rows) for name, rows in script.items()}

    def day(self, name: str, day: int) -> Ticks:
        return self._ticks[name].between(day * DAY_S - 1, (day + 1) * DAY_S - 1)

    def is_open(self, name: str, at_s: int) -> bool:
        return at_s not in self._closed

    def next_open(self, name: str, at_s: int) -> int | None:
        return self._closed.stop if at_s in self._closed else at_s

    def drop(self, name: str) -> None:
        del self.digits[name]

    def older(self, name: str) -> None:
        return None

    def volumes(self, name: str, day: int) -> Ints | None:
        return None


def _ticks(name: str, rows: list[tuple[int, str, str]]) -> Ticks:
    scale = 10 ** CATALOGUE[name].digits
    columns = [[START_S + at, int(Decimal(bid) * scale), int(Decimal(ask) * scale)] for at, bid, ask in rows]
    table = np.array(columns, np.int64)
    return Ticks(at=table[:, 0], bid=table[:, 1], ask=table[:, 2])


def scripted(home: Path, script: Script, closed: tuple[int, int] = (-2, -1), **opening: Any) -> Venue:
    return Venue(
        Plan(home=home, seed=7, speed=0.0, openings=(Opening(**opening),)), ScriptedMarket(script, closed)
    )


@cache
def _market(seed: int, start: datetime) -> SyntheticMarket:
    """One market for all tests: a pure function of its seed that remembers the days it made."""
    return SyntheticMarket(seed=seed, start_s=int(start.timestamp()))


def synthetic(
    home: Path, *, seed: int = 7, start: datetime = MONDAY, speed: float = 0.0, **plan: Any
) -> Venue:
    return Venue(Plan(home=home, seed=seed, speed=speed, **plan), _market(seed, start))


def account(venue: Venue) -> Account:
    return venue.books.accounts[LOGIN]


def trade(venue: Venue, symbol: str, lots: float, **rest: Any) -> Result:
    """Send a market order: lots above zero buy, below sell."""
    prices: dict[str, Any] = {name: exact(rest.pop(name)) for name in ("sl", "tp") if name in rest}
    kind = 0 if lots > 0 else 1
    return venue.send(
        account(venue),
        Request(action=DEAL, symbol=symbol, volume=exact(abs(lots)), type=kind, **prices, **rest),
    )


def pend(venue: Venue, symbol: str, kind: int, lots: float, price: str, **rest: Any) -> Result:
    request = Request(
        action=PENDING,
        symbol=symbol,
        volume=exact(lots),
        type=kind,
        price=Decimal(price),
        type_filling=2,
        **rest,
    )
    return venue.send(account(venue), request)


def go(venue: Venue, seconds: int) -> None:
    """Let the market run to that many seconds after its start."""
    venue.set_clock((START_S + seconds) * 1_000_000, 0.0)


def log(venue: Venue, *kinds: str) -> list[dict[str, Any]]:
    """Read the venue's own log, of these kinds."""
    venue.journal.sync()
    rows = [loads(line) for line in (venue.home / "log.jsonl").read_text().splitlines()]
    return [row for row in rows if not kinds or row["kind"] in kinds]
