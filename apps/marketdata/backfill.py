"""What is missing in the store and worth asking a venue for."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import numpy as np
from django.conf import settings

from apps.marketdata import history, instruments
from apps.marketdata.domain import sessions
from apps.marketdata.domain.arrays import from_us, to_us
from apps.marketdata.domain.bar import TimeArray, Timeframe
from apps.marketdata.domain.sessions import SessionRule
from apps.marketdata.models import KnownGap
from apps.marketdata.stores.base import Series

_BARS_A_RANGE = 1_000

Range = tuple[datetime, datetime]


def missing(*, instrument: str, timeframe: Timeframe, now: datetime, depth: timedelta) -> list[Range]:
    """Return [first open, last close) stretches of closed bars that are not stored, the newest first.

    None is longer than 1,000 bars. Stretches outside sessions, and those that the venue left out before,
    are not named. Raise UnknownInstrument, StoreUnavailable.
    """
    rule = instruments.session_rule(instrument)
    last = sessions.bucket_open(timeframe, now)
    first = sessions.bucket_open(timeframe, now - depth)
    series = Series(
        source=settings.MTQ_RUN,
        instrument=instrument,
        timeframe=timeframe,
        native=timeframe is not Timeframe.M1,
    )
    holes = _holes(history.store().opens(series, first=first, last=last), timeframe, first, last)
    known = _known(instrument, timeframe, first, last)
    pieces = (piece for hole in holes for piece in _without(hole, known))
    parts = (part for piece in pieces for part in _cut(piece, timeframe))
    return sorted((part for part in parts if _in_session(rule, part)), reverse=True)


def found_nothing(*, instrument: str, timeframe: Timeframe, first: datetime, last: datetime) -> None:
    """Remember that the venue was asked for [first, last) and has no bars there."""
    KnownGap.objects.get_or_create(
        source=settings.MTQ_RUN,
        instrument=instrument,
        timeframe=timeframe.value,
        first_at=first,
        last_at=last,
    )


def _holes(opens: TimeArray, timeframe: Timeframe, first: datetime, last: datetime) -> Iterator[Range]:
    """Yield what lies between stored bars, and between them and the two ends."""
    step = timeframe.minutes * 60_000_000
    stored = opens.astype("datetime64[us]").astype(np.int64)
    jumps = np.flatnonzero(np.diff(stored) > step)
    starts = [to_us(first), *(stored[jumps] + step), *(stored[-1:] + step)]
    ends = [*stored[:1], *stored[jumps + 1], to_us(last)]
    for start, end in zip(starts, ends, strict=True):
        if start < end:
            yield from_us(int(start)), from_us(int(end))


def _known(instrument: str, timeframe: Timeframe, first: datetime, last: datetime) -> list[Range]:
    rows = KnownGap.objects.filter(
        source=settings.MTQ_RUN,
        instrument=instrument,
        timeframe=timeframe.value,
        first_at__lt=last,
        last_at__gt=first,
    )
    return list(rows.order_by("first_at").values_list("first_at", "last_at"))


def _without(hole: Range, known: Iterable[Range]) -> Iterator[Range]:
    """Yield the parts of a hole that no known gap covers; `known` is sorted."""
    at, last = hole
    for first_known, last_known in known:
        if last_known <= at or first_known >= last:
            continue
        if first_known > at:
            yield at, first_known
        at = max(at, last_known)
    if at < last:
        yield at, last


def _cut(piece: Range, timeframe: Timeframe) -> Iterator[Range]:
    length = timeframe.length * _BARS_A_RANGE
    first, last = piece
    while first < last:
        yield first, min(first + length, last)
        first += length


def _in_session(rule: SessionRule, part: Range) -> bool:
    return not sessions.closed_throughout(rule, first=part[0], last=part[1])
