"""Puts what the feed fetched into the bounded stream, and pokes ingestion for bars.

Quotes need no poke: publishing puts them up as the latest at once.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.brokers.dispatch import off_loop
from apps.marketdata import backfill, clock, ingestion
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.domain.quote import Quote

POKE_EVERY_S = 0.2
DEPTH = timedelta(days=30)


@dataclass(slots=True, kw_only=True)
class Sink:
    """False means that the stream is full or away: the feed keeps its data and tries again."""

    news: asyncio.Event = field(default_factory=asyncio.Event)
    poked_at: float = 0.0

    async def quotes(self, quotes: Sequence[Quote]) -> bool:
        return await off_loop(ingestion.publish_quotes, quotes)

    async def bars(self, windows: Sequence[BarWindow], *, origin: str) -> bool:
        accepted = await off_loop(ingestion.publish_bars, windows, origin=origin)
        self.news.set()
        return accepted

    async def missing(self, instrument: str, timeframe: Timeframe) -> Sequence[tuple[datetime, datetime]]:
        return await off_loop(
            backfill.missing, instrument=instrument, timeframe=timeframe, now=clock.desk_now(), depth=DEPTH
        )

    async def absent(self, instrument: str, timeframe: Timeframe, *, first: datetime, last: datetime) -> None:
        await off_loop(
            backfill.found_nothing, instrument=instrument, timeframe=timeframe, first=first, last=last
        )

    async def fault(self, *, instrument: str, kind: str, detail: str) -> None:
        await off_loop(ingestion.record_fault, instrument=instrument, kind=kind, detail=detail)

    async def poke(self) -> None:
        """Tell ingestion that something waits, if it does; its own beat would find it a second later."""
        if not self.news.is_set():
            return
        await asyncio.sleep(max(0.0, self.poked_at + POKE_EVERY_S - time.monotonic()))
        self.news.clear()
        self.poked_at = time.monotonic()
        await off_loop(ingestion.poke)
