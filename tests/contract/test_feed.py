"""The feed over a real session: quotes that change, bars as they close, gaps filled."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.brokers.adapters.mt5.adapter import Mt5Adapter
from apps.brokers.adapters.mt5.feed import Mt5Feed, opened_at
from apps.marketdata import clock
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.domain.quote import Quote

MINUTE = Timeframe.M1


@dataclass(slots=True)
class Kept:
    """A sink that keeps everything. Its stream is full as often as `refusals` says."""

    gaps: list[tuple[datetime, datetime]] = field(default_factory=list)
    refusals: int = 0
    taken: list[Quote] = field(default_factory=list)
    windows: list[BarWindow] = field(default_factory=list)
    nothing_there: list[tuple[datetime, datetime]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def quotes(self, quotes: Sequence[Quote]) -> bool:
        self.taken += quotes
        self.news.set()
        return True

    async def bars(self, windows: Sequence[BarWindow], *, origin: str) -> bool:
        if self.refusals:
            self.refusals -= 1
            return False
        self.windows += windows
        self.news.set()
        return True

    async def missing(self, instrument: str, timeframe: Timeframe) -> Sequence[tuple[datetime, datetime]]:
        return self.gaps if instrument == "EURUSD" else []

    async def absent(self, instrument: str, timeframe: Timeframe, *, first: datetime, last: datetime) -> None:
        self.nothing_there.append((first, last))
        self.news.set()

    async def fault(self, *, instrument: str, kind: str, detail: str) -> None:
        self.faults.append(detail)

    async def run_until(self, adapter: Mt5Adapter, done: Callable[[], bool]) -> None:
        feed = Mt5Feed(adapter, timeframe=MINUTE, sink=self, now=clock.desk_now, speed=clock.speed)
        task = asyncio.create_task(feed.run())
        while not done():
            self.news.clear()
            await self.news.wait()
        task.cancel()
        await asyncio.wait({task})


async def test_quotes_and_bars_of_every_instrument_come_by_themselves(adapter: Mt5Adapter) -> None:
    kept = Kept(refusals=2)
    wanted = set(adapter.tradable)
    await kept.run_until(adapter, lambda: {window.instrument for window in kept.windows} == wanted)
    assert {quote.instrument for quote in kept.taken} == wanted
    assert all(len(window) and window.last_close_at <= clock.desk_now() for window in kept.windows)
    assert kept.faults == []


async def test_bars_of_one_instrument_follow_one_another_without_a_break(adapter: Mt5Adapter) -> None:
    kept = Kept()

    def opens() -> list[datetime]:
        return [
            at for window in kept.windows if window.instrument == "EURUSD" for at in window.open_at.tolist()
        ]

    await kept.run_until(adapter, lambda: len(opens()) >= 4)
    steps = {later - earlier for earlier, later in itertools.pairwise(opens())}
    assert steps == {MINUTE.length}


async def test_gaps_are_fetched_and_what_the_venue_does_not_have_is_remembered(adapter: Mt5Adapter) -> None:
    now = opened_at(clock.desk_now(), MINUTE.length)
    week = (now - timedelta(days=7), now - timedelta(days=6))
    before_all = (now - timedelta(days=400), now - timedelta(days=400) + timedelta(minutes=30))
    kept = Kept(gaps=[week, before_all])
    await kept.run_until(adapter, lambda: bool(kept.nothing_there))
    fetched = [w for w in kept.windows if w.instrument == "EURUSD" and w.last_close_at <= week[1]]
    assert sum(len(window) for window in fetched) > 1000
    assert kept.nothing_there == [before_all]
