"""Closed bars up to a moment, never past it; a window reads one table."""

import os
from datetime import UTC, datetime
from functools import cache

from django.conf import settings

from apps.marketdata.domain import sessions
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.errors import NoHistory
from apps.marketdata.models import FeedRun
from apps.marketdata.stores import valkey
from apps.marketdata.stores.base import Series, Store
from apps.marketdata.stores.questdb import QuestDBStore
from apps.marketdata.stores.valkey import Closed, Watermarks

__all__ = [
    "Closed",
    "closed_through",
    "days",
    "ensure_schema",
    "marks",
    "store",
    "stretch",
    "watermarks",
    "window",
]

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


def window(instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> BarWindow:
    """Return up to `count` bars that closed at `until` or before and were announced as closed, oldest first.

    Raise NoHistory when there is none, StoreUnavailable when a store does not answer.
    """
    mark = marks(timeframe).get(instrument)
    if mark is None:
        raise NoHistory(f"no closed {timeframe.value} bar of {instrument} yet")
    series = Series(source=settings.MTQ_RUN, instrument=instrument, timeframe=timeframe, native=mark.native)
    found = store().window(
        series, before=_first_open_not_closed(timeframe, min(until, mark.closed_at)), count=count
    )
    if not len(found):
        raise NoHistory(f"no {timeframe.value} bar of {instrument} closed by {until.isoformat()}")
    return found


def stretch(
    instrument: str, timeframe: Timeframe, *, first: datetime | None, last: datetime | None
) -> BarWindow:
    """Return the bars that open at `first` or later and closed by `last`, oldest first; None is no bound.

    Never a bar that was not announced as closed. Raise NoHistory when there is none, StoreUnavailable when
    a store does not answer.
    """
    mark = marks(timeframe).get(instrument)
    if mark is None:
        raise NoHistory(f"no closed {timeframe.value} bar of {instrument} yet")
    series = Series(source=settings.MTQ_RUN, instrument=instrument, timeframe=timeframe, native=mark.native)
    end = _first_open_not_closed(timeframe, min(last or mark.closed_at, mark.closed_at))
    found = store().range(series, first=first or _BEFORE_ALL, last=end)
    if not len(found):
        raise NoHistory(f"no {timeframe.value} bar of {instrument} in that period")
    return found


def days(instrument: str, *, until: datetime, count: int) -> BarWindow:
    """Return up to `count` daily bars of the venue that closed by `until`, oldest first; there may be none.

    They reach years back where minutes do not, and come some time after a day's close. Raise
    StoreUnavailable.
    """
    series = Series(source=settings.MTQ_RUN, instrument=instrument, timeframe=Timeframe.D1, native=True)
    return store().window(series, before=_first_open_not_closed(Timeframe.D1, until), count=count)


def closed_through(timeframe: Timeframe) -> dict[str, datetime]:
    """Return by instrument the close (desk time) of its newest visible bar. Raise StoreUnavailable."""
    return {name: mark.closed_at for name, mark in marks(timeframe).items()}


def marks(timeframe: Timeframe) -> dict[str, Closed]:
    """Return by instrument when its newest bar closed (desk time) and was announced (wall time).

    They come from Valkey, or from their rows where Valkey has lost them. Raise StoreUnavailable.
    """
    held = watermarks().read(timeframe)
    if held:
        return held
    rows = FeedRun.objects.filter(source=settings.MTQ_RUN, timeframe=timeframe.value)
    held = {
        row.instrument: Closed(closed_at=row.closed_through, announced_at=row.announced_at, native=row.native)
        for row in rows
    }
    watermarks().advance(timeframe, held)
    return held


def ensure_schema() -> None:
    """Create the store's tables and views where they are missing. Raise StoreUnavailable."""
    store().ensure_schema()


def store() -> Store:
    """Return this process's store of the desk's world; a forked child opens its own."""
    return _store(settings.QUESTDB_CONF, settings.QUESTDB_PG, settings.MTQ_WORLD, os.getpid())


def watermarks() -> Watermarks:
    return Watermarks(valkey.client(settings.REDIS_URL), f"mtq:{settings.MTQ_RUN}:")


@cache
def _store(conf: str, pg_url: str, world: str, pid: int) -> Store:
    del pid  # part of the key only: connections do not survive a fork
    return QuestDBStore(conf=conf, pg_url=pg_url, world=world)


def _first_open_not_closed(timeframe: Timeframe, limit: datetime) -> datetime:
    """Return the open of the bar that is still open at `limit`.

    On a clock change days have 23 or 25 hours.
    """
    return sessions.bucket_open(timeframe, limit)
