"""The loops that fetch prices over a quotes session: quotes, bars as they close, gaps in between."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from apps.brokers.adapters.base import BrokerAdapter, FeedSink
from apps.brokers.errors import BrokerError, VenueUnavailable
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.domain.quote import Quote

logger = logging.getLogger(__name__)

QUOTES_PER_S = 14  # polls a second over all instruments: the session has bars to carry as well
FASTEST_POLL_S = 0.25
AT_ONCE = 8
BARS_A_CALL = 1000
BACKFILL_EVERY_S = 30.0
BACKFILL_PAUSE_S = 0.15  # between two calls, so that quotes and fresh bars do not wait behind history
SETTLED_AFTER_BARS = 3  # an empty answer about fresher bars may only mean that they come late
FULL_PAUSE_S = 0.2
AWAY_PAUSE_S = 0.25
LATE_AFTER_S = 3.0
FIRST_RETRY_S, LONGEST_RETRY_S = 0.1, 5.0
FAULT_EVERY_S = 60.0
EPOCH = datetime(2000, 1, 3, tzinfo=UTC)
ORIGIN = "spread"  # bid bars whose ask is bid + spread
PAST = "history"  # daily bars of years, beside those that are made of minutes: nobody waits for them


@dataclass(slots=True, kw_only=True)
class _Track:
    """How far one instrument's bars are fetched; `tries` and `again_at` (monotonic) pace asking on."""

    next_open_at: datetime
    overdue_since: float | None = None
    tries: int = 0
    again_at: float = 0.0
    told: bool = False

    def wait(self) -> None:
        """Ask again after a growing pause: a bar may come late, or its market may be closed."""
        self.overdue_since = self.overdue_since or time.monotonic()
        self.again_at = time.monotonic() + min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(self.tries, 8))
        self.tries += 1


@dataclass(slots=True, kw_only=True)
class _Faults:
    """Each fault of an instrument is told at most once a minute."""

    sink: FeedSink
    told: dict[tuple[str, str], float] = field(default_factory=dict)

    async def tell(self, instrument: str, kind: str, detail: str) -> None:
        now = time.monotonic()
        if now - self.told.get((instrument, kind), -FAULT_EVERY_S) >= FAULT_EVERY_S:
            self.told[instrument, kind] = now
            await self.sink.fault(instrument=instrument, kind=kind, detail=detail)


class Mt5Feed:
    def __init__(
        self,
        session: BrokerAdapter,
        *,
        timeframe: Timeframe,
        sink: FeedSink,
        now: Callable[[], datetime],
        speed: Callable[[], float],
    ) -> None:
        self._session = session
        self._timeframe = timeframe
        self._sink = sink
        self._now = now
        self._speed = speed
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._latest: dict[str, Quote] = {}
        self._tracks: dict[str, _Track] = {}
        self._faults = _Faults(sink=sink)

    async def run(self) -> None:
        """Run until cancelled. A lost session is waited for; a loop that fails is logged and goes on."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._forever(self._poll))
            group.create_task(self._forever(self._close_bars))
            group.create_task(self._forever(self._fill_gaps))
            if self._timeframe is Timeframe.M1:
                group.create_task(self._forever(self._fill_days))

    async def _forever(self, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            if not self._session.connected:
                await asyncio.sleep(AWAY_PAUSE_S)
                continue
            try:
                await step()
            except BrokerError as error:
                logger.info("the feed waits: %s", error)
                await asyncio.sleep(AWAY_PAUSE_S)
            except Exception:  # an edge: one broken round must not end the feed
                logger.exception("a round of the feed failed")
                await asyncio.sleep(1.0)

    async def _each(self, names: Sequence[str], ask: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        """Ask for several instruments at once; one that gets no answer does not spoil the others."""

        async def one(name: str) -> None:
            async with self._at_once:
                try:
                    await ask(name)
                except VenueUnavailable as error:
                    logger.debug("%s: %s", name, error)

        await asyncio.gather(*(one(name) for name in names))

    async def _push(self, give: Callable[[], Awaitable[bool]]) -> None:
        """Hand over until it is taken: what was fetched is kept while the stream is full."""
        while True:
            if await give():
                return
            await asyncio.sleep(FULL_PAUSE_S)

    # Quotes

    async def _poll(self) -> None:
        started = time.monotonic()
        fresh: list[Quote] = []
        names = self._session.tradable

        async def ask(name: str) -> None:
            quote = await self._session.quote(name)
            if quote is None:
                await self._faults.tell(name, "bad_quote", "a side of the quote is no sound price")
            elif quote != self._latest.get(name):  # unchanged: the market is closed, or quiet
                self._latest[name] = quote
                fresh.append(quote)

        await self._each(names, ask)
        # Only the newest matters: while the stream is full the next round has better ones.
        if fresh and not await self._sink.quotes(fresh):
            self._latest = {name: kept for name, kept in self._latest.items() if kept not in fresh}
        every_s = max(FASTEST_POLL_S, len(names) / QUOTES_PER_S)
        await asyncio.sleep(max(0.02, started + every_s - time.monotonic()))

    # Closed bars

    async def _close_bars(self) -> None:
        """Fetch what has closed since the last bar of each instrument, then wait for the next close."""
        now = self._now()
        due = [name for name in self._session.tradable if self._is_due(name, now)]
        windows: list[BarWindow] = []

        async def ask(name: str) -> None:
            window = await self._fresh_bars(name, now)
            if window is not None:
                windows.append(window)

        await self._each(due, ask)
        if windows:
            await self._push(partial(self._sink.bars, windows, origin=ORIGIN))
            for window in windows:
                self._tracks[window.instrument] = _Track(next_open_at=window.last_close_at)
        await asyncio.sleep(self._until_next_close_s())

    def _is_due(self, name: str, now: datetime) -> bool:
        """Tell whether a bar has closed into which a tick fell: without one there is no bar to wait for."""
        length = self._timeframe.length
        track = self._tracks.setdefault(name, _Track(next_open_at=opened_at(now, length) - length))
        latest = self._latest.get(name)
        has_ticked = latest is not None and latest.quote_at >= track.next_open_at
        return has_ticked and track.next_open_at + length <= now and time.monotonic() >= track.again_at

    async def _fresh_bars(self, name: str, now: datetime) -> BarWindow | None:
        track, length = self._tracks[name], self._timeframe.length
        oldest = now - length * BARS_A_CALL  # what is older is a gap, and the business of `_fill_gaps`
        first = max(track.next_open_at, opened_at(oldest, length))
        try:
            window = await self._session.bars(name, self._timeframe, first=first, last=now)
        except VenueUnavailable:
            track.wait()
            raise
        if len(window):
            return window
        track.wait()
        latest = self._latest[name].quote_at
        is_sure = track.next_open_at <= latest < track.next_open_at + length
        overdue_s = time.monotonic() - (track.overdue_since or time.monotonic())
        if is_sure and not track.told and overdue_s > LATE_AFTER_S:
            track.told = True
            detail = f"the bar of {track.next_open_at:%Y-%m-%d %H:%M} has ticks and has not come"
            await self._faults.tell(name, "late_bar", detail)
        return None

    def _until_next_close_s(self) -> float:
        """Return wall seconds to the next close or retry, at most half a second: the clock may jump."""
        length, speed = self._timeframe.length, self._speed()
        if speed <= 0:
            return 0.5
        now = self._now()
        away = (opened_at(now, length) + length - now).total_seconds() / speed
        retries = [track.again_at - time.monotonic() for track in self._tracks.values() if track.tries]
        return max(0.02, min([0.5, away + 0.02, *(pause for pause in retries if pause > 0)]))

    # Gaps

    async def _fill_gaps(self) -> None:
        """Fetch what the store lacks, the newest first: agents need the last bars before the oldest."""
        await self._fill(self._timeframe, ORIGIN)

    async def _fill_days(self) -> None:
        """Fetch daily bars from before the minutes that venues keep: risk counts in years of days."""
        await self._fill(Timeframe.D1, PAST)

    async def _fill(self, timeframe: Timeframe, origin: str) -> None:
        for name in self._session.tradable:
            ranges = await self._sink.missing(name, timeframe)
            for first, last in sorted(ranges, reverse=True):
                await self._fetch_back(name, first, last, timeframe, origin)
        await asyncio.sleep(BACKFILL_EVERY_S)

    async def _fetch_back(
        self, name: str, first: datetime, last: datetime, timeframe: Timeframe, origin: str
    ) -> None:
        length = timeframe.length
        until = last
        while until > first:
            since = max(first, until - length * BARS_A_CALL)
            window = await self._session.bars(name, timeframe, first=since, last=until - timedelta(seconds=1))
            if len(window):
                await self._push(partial(self._sink.bars, [window], origin=origin))
            elif until <= self._now() - length * SETTLED_AFTER_BARS:
                await self._sink.absent(name, timeframe, first=since, last=until)
            until = since
            await asyncio.sleep(BACKFILL_PAUSE_S)


def opened_at(now: datetime, length: timedelta) -> datetime:
    """Return the open of the bar that holds an instant (bars up to a day, counted from a Monday)."""
    return now - (now - EPOCH) % length
