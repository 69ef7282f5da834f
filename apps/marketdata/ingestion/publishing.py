"""The gateway's side: into the bounded streams, and a poke to the task."""

import logging
import time
from collections.abc import Iterator, Sequence

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from apps.marketdata import clock, instruments
from apps.marketdata import quotes as latest_quotes
from apps.marketdata.domain import quality
from apps.marketdata.domain.arrays import select
from apps.marketdata.domain.bar import BarWindow
from apps.marketdata.domain.quote import Quote
from apps.marketdata.ingestion import wire
from apps.marketdata.stores import valkey
from apps.marketdata.stores.valkey import Stream

TASK = "marketdata.ingest"
_LIVE_ENTRIES = 5_000
_BULK_ENTRIES = 200
_BARS_AN_ENTRY = 1_000
_LIVE_BARS = 10  # a longer window is a backfill: it must not stand before the newest bars
_POKE_EXPIRES_S = 2.0

logger = logging.getLogger(__name__)


def live_stream() -> Stream:
    return _stream("live", _LIVE_ENTRIES)


def bulk_stream() -> Stream:
    return _stream("bulk", _BULK_ENTRIES)


def publish_quotes(quotes: Sequence[Quote]) -> bool:
    """Put quotes up as the latest and into the stream for history. False: it is full, history lacks them.

    A crossed quote is put up too, so that nobody trades on the one before it; NaN and non-positive ones are
    not. Raise StoreUnavailable.
    """
    specs = instruments.specs()
    latest_quotes.shelf().put(
        quote
        for quote in quotes
        if quality.quote_fault(
            quote,
            allows_negative=quote.instrument in specs and specs[quote.instrument].allows_negative_price,
        )
        in {None, "crossed"}
    )
    return live_stream().add([wire.pack_quotes(quotes, received_at=clock.desk_now())]) if quotes else True


def publish_bars(windows: Sequence[BarWindow], *, origin: str) -> bool:
    """Put closed bars into the stream. False: it is full; keep the bars and try again, repeats are harmless.

    `origin` says how they were made ("spread": bid plus the bar's spread, "quotes": both sides are the
    venue's). Raise StoreUnavailable.
    """
    live = [wire.pack_bars(window, origin=origin) for window in windows if 0 < len(window) <= _LIVE_BARS]
    bulk = [
        wire.pack_bars(part, origin=origin)
        for window in windows
        if len(window) > _LIVE_BARS
        for part in _parts(window)
    ]
    return (not live or live_stream().add(live)) and (not bulk or bulk_stream().add(bulk))


def poke() -> None:
    """Ask for a drain now instead of at the next beat. Never raises: the beat comes anyway."""
    started = time.monotonic()
    try:
        current_app.send_task(TASK, expires=_POKE_EXPIRES_S, retry=False, ignore_result=True)
    except OperationalError:
        logger.warning("no poke to %s after %.1f s: the broker is away", TASK, time.monotonic() - started)


def _stream(name: str, limit: int) -> Stream:
    return Stream(valkey.client(settings.REDIS_URL), f"mtq:{settings.MTQ_RUN}:ingest:{name}", limit=limit)


def _parts(window: BarWindow) -> Iterator[BarWindow]:
    for start in range(0, len(window), _BARS_AN_ENTRY):
        yield select(window, slice(start, start + _BARS_AN_ENTRY))
