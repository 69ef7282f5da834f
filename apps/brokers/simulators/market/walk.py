"""The walk through time: prices and what they set off, in the order in which they happen."""

from collections.abc import Iterator
from decimal import Decimal

from apps.brokers.simulators.market import sessions, triggers
from apps.brokers.simulators.market.feed import Feed
from apps.brokers.simulators.market.matching import Engine
from apps.brokers.simulators.market.ticks import Quote, Ticks

_CHUNK_S = 6 * 3600


class Walker:
    """Stands at `walked_s`; `at_us` is the moment being walked, or None between walks."""

    def __init__(self, feed: Feed, engine: Engine, walked_s: int) -> None:
        self._feed = feed
        self._source = feed.source
        self._engine = engine
        self.walked_s = walked_s
        self.at_us: int | None = None

    def to(self, until_s: int) -> None:
        """Walk the market to `until_s`; quotes and events in time order."""
        for stop_s, nights in self._stops(until_s):
            while self.walked_s < stop_s:
                self._walk(min(stop_s, self.walked_s + _CHUNK_S))
            if nights:
                self._roll(stop_s, nights)

    def _stops(self, until_s: int) -> Iterator[tuple[int, int]]:
        yield from sessions.rollovers(self.walked_s, until_s)
        yield until_s, 0

    def _roll(self, at_s: int, nights: int) -> None:
        if at_s <= self._engine.books.rolled_s:
            return
        self.at_us = at_s * 1_000_000
        self._engine.emit([*triggers.roll(self._engine, nights), {"kind": "rollover", "nights": nights}])
        self.at_us = None

    def _walk(self, until_s: int) -> None:
        moves = {
            n: t for n in self._source.digits if (t := self._feed.between(n, self.walked_s, until_s)).at.size
        }
        if self._is_quiet(moves, until_s):
            for name, ticks in moves.items():
                self._set(name, int(ticks.at[-1]), int(ticks.bid[-1]), int(ticks.ask[-1]))
        else:
            self._step(moves, until_s)
        self.walked_s = until_s

    def _is_quiet(self, moves: dict[str, Ticks], until_s: int) -> bool:
        if not any(account.positions or account.orders for account in self._engine.books.accounts.values()):
            return True
        lows = {n: self._quote(n, until_s, int(t.bid.min()), int(t.ask.min())) for n, t in moves.items()}
        highs = {n: self._quote(n, until_s, int(t.bid.max()), int(t.ask.max())) for n, t in moves.items()}
        return triggers.quiet(self._engine, lows, highs, until_s)

    def _step(self, moves: dict[str, Ticks], until_s: int) -> None:
        moments: dict[int, list[tuple[str, int, int]]] = {}
        for name, ticks in moves.items():
            for at, bid, ask in zip(ticks.at.tolist(), ticks.bid.tolist(), ticks.ask.tolist(), strict=True):
                moments.setdefault(at, []).append((name, bid, ask))
        for at in sorted(moments):
            for name, bid, ask in moments[at]:
                self._set(name, at, bid, ask)
            self.at_us = at * 1_000_000
            triggers.fire(self._engine, {name for name, _, _ in moments[at]}, at)
        self.at_us = until_s * 1_000_000
        triggers.fire(self._engine, set(), until_s)
        self.at_us = None

    def _quote(self, name: str, at_s: int, bid: int, ask: int) -> Quote:
        digits = -self._source.digits[name]
        return Quote(bid=Decimal(bid).scaleb(digits), ask=Decimal(ask).scaleb(digits), at_s=at_s)

    def _set(self, name: str, at_s: int, bid: int, ask: int) -> None:
        self._engine.quotes[name] = self._quote(name, at_s, bid, ask)

    def requote(self, name: str, at_s: int) -> None:
        last = self._feed.last(name, at_s)
        if last is not None:
            self._set(name, *last)
