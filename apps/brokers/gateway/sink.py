"""Puts what the feed fetched into the bounded stream, and pokes ingestion for bars.

Quotes need no poke: publishing puts them up as the latest at once.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.brokers.dispatch import off_loop
from apps.marketdata import backfill, clock, ingestion
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.domain.quote import Quote
from apps.marketdata.errors import StoreUnavailable

logger = logging.getLogger(__name__)
POKE_EVERY_S = 0.2
TELL_EVERY_S = 60.0
DEPTH = timedelta(days=30)
DAYS_DEPTH = timedelta(days=730)  # daily bars: 500 of trading, and what holidays take


@dataclass(slots=True, kw_only=True)
class Sink:
    """False means that the stream is full or away: the feed keeps its data and tries again."""

    news: asyncio.Event = field(default_factory=asyncio.Event)
    poked_at: float = 0.0
    told_at: float = -TELL_EVERY_S

    async def quotes(self, quotes: Sequence[Quote]) -> bool:
        try:
            return await off_loop(ingestion.publish_quotes, quotes)
        except StoreUnavailable as error:
            return self._away(error)

    async def bars(self, windows: Sequence[BarWindow], *, origin: str) -> bool:
        try:
            accepted = await off_loop(ingestion.publish_bars, windows, origin=origin)
        except StoreUnavailable as error:
            return self._away(error)
        self.news.set()
        return accepted

    async def missing(self, instrument: str, timeframe: Timeframe) -> Sequence[tuple[datetime, datetime]]:
        """Return the gaps worth asking for; while the store is away none are known."""
        now = clock.desk_now()
        try:
            return await off_loop(
                backfill.missing,
                instrument=instrument,
                timeframe=timeframe,
                now=now,
                depth=DAYS_DEPTH if timeframe is Timeframe.D1 else DEPTH,
            )
        except StoreUnavailable as error:
            self._away(error)
            return ()

    async def absent(self, instrument: str, timeframe: Timeframe, *, first: datetime, last: datetime) -> None:
        await off_loop(
            backfill.found_nothing, instrument=instrument, timeframe=timeframe, first=first, last=last
        )

    async def fault(self, *, instrument: str, kind: str, detail: str) -> None:
        await off_loop(ingestion.record_fault, instrument=instrument, kind=kind, detail=detail)

    def _away(self, error: StoreUnavailable) -> bool:
        """Say once a minute that a store is away; what was fetched stays with the feed."""
        if time.monotonic() - self.told_at >= TELL_EVERY_S:
            self.told_at = time.monotonic()
            logger.warning("the feed keeps its data: %s", error)
        return False

    async def poke(self) -> None:
        """Tell ingestion that something waits, if it does; its own beat would find it a second later."""
        if not self.news.is_set():
            return
        await asyncio.sleep(max(0.0, self.poked_at + POKE_EVERY_S - time.monotonic()))
        self.news.clear()
        self.poked_at = time.monotonic()
        await off_loop(ingestion.poke)
