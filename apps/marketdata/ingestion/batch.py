"""One batch of stream entries: judged, stored, announced. Every step may run twice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from django.conf import settings
from django.db import transaction

from apps.marketdata import clock, history, instruments
from apps.marketdata.domain import quality, sessions
from apps.marketdata.domain.arrays import select
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.domain.quote import Quote
from apps.marketdata.domain.tick import Tick
from apps.marketdata.errors import BadData, UnknownInstrument
from apps.marketdata.ingestion import wire
from apps.marketdata.ingestion.faults import Faults
from apps.marketdata.ingestion.wire import BarsEntry, QuotesEntry
from apps.marketdata.models import FeedRun, KnownGap
from apps.marketdata.stores.valkey import Closed

_AHEAD_WALL_S = 5.0
HISTORY = "history"


class Batch:
    """Collects entries; `store` writes ticks and bars, then rows, then the announcement."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.ticks: list[Tick] = []
        self.bars: dict[str, list[BarWindow]] = defaultdict(list)
        self._negative = {name for name, spec in instruments.specs().items() if spec.allows_negative_price}
        self._not_after = clock.desk_now() + timedelta(seconds=_AHEAD_WALL_S * clock.speed())

    def take(self, fields: Mapping[bytes, bytes]) -> None:
        """Judge one entry. What cannot be read becomes a fault, so that it does not come back for ever."""
        if not fields:
            return
        try:
            entry = wire.unpack(fields)
        except BadData as error:
            self.faults.add("", "unreadable", str(error))
            return
        if isinstance(entry, QuotesEntry):
            self._take_quotes(entry)
        else:
            self._take_bars(entry)

    @property
    def bar_count(self) -> int:
        return sum(len(window) for windows in self.bars.values() for window in windows)

    def store(self) -> None:
        """Write everything and announce the bars. Raise StoreUnavailable; nothing is announced then."""
        source, store = settings.MTQ_RUN, history.store()
        for origin, windows in self.bars.items():
            store.append_bars(windows, source=source, origin=origin)
        windows = [window for group in self.bars.values() for window in group]
        with transaction.atomic():
            # Daily bars of years stand beside those that are made of minutes, which agents and charts read.
            announce(window for origin, group in self.bars.items() if origin != HISTORY for window in group)
            _keep_gaps(windows)
            self.faults.write()
        # After the bars: agents wait for those, nobody waits for history's ticks.
        store.append_ticks(self.ticks, source=source)

    def _take_quotes(self, entry: QuotesEntry) -> None:
        seen: dict[tuple[str, datetime], int] = {}
        for quote in entry.quotes:
            kind = quality.quote_fault(quote, allows_negative=quote.instrument in self._negative)
            if kind is not None:
                self.faults.add(
                    quote.instrument, kind, f"bid {quote.bid} ask {quote.ask} at {quote.quote_at}"
                )
                continue
            key = (quote.instrument, quote.quote_at)
            seen[key] = seen.get(key, -1) + 1
            self.ticks.append(_tick(quote, seq=seen[key], received_at=entry.received_at))

    def _take_bars(self, entry: BarsEntry) -> None:
        window = entry.window
        window = select(window, np.argsort(window.open_at, kind="stable"))
        sound = quality.sound_rows(window, allows_negative=window.instrument in self._negative)
        for fault in quality.hard_faults(window, allows_negative=window.instrument in self._negative):
            self.faults.add(window.instrument, fault.kind, f"{fault.detail} at {window.open_at[fault.row]}")
        late = np.datetime64(self._not_after.replace(tzinfo=None) - window.timeframe.length, "us")
        ahead = window.open_at > late
        if ahead.any():
            self.faults.add(
                window.instrument, "future", f"a bar that has not closed: {window.open_at[ahead][0]}"
            )
        kept = select(window, sound & ~ahead)
        if len(kept):
            self.bars[entry.origin].append(kept)


def announce(windows: Iterable[BarWindow]) -> None:
    """Move `closed_through` to the newest of the bars, which must be visible already; it never moves back."""
    newest: dict[tuple[str, Timeframe], datetime] = {}
    for window in windows:
        key = (window.instrument, window.timeframe)
        newest[key] = max(window.last_close_at, newest.get(key, window.last_close_at))
    advance({key: (closed, key[1] is not Timeframe.M1) for key, closed in newest.items()})


def announce_derived() -> None:
    """Announce 5m to 1d where 1m bars have closed one and the views hold it."""
    base = {name: mark.closed_at for name, mark in history.marks(Timeframe.M1).items() if not mark.native}
    due = dict(_due(base)) if base else {}
    if due and history.store().derived_through():
        advance({key: (closed, False) for key, closed in due.items()})


def advance(closed: Mapping[tuple[str, Timeframe], tuple[datetime, bool]]) -> None:
    """Move the marks in the rows, then in Valkey, which others read."""
    told_at = datetime.now(UTC)
    FeedRun.advance(
        (
            (settings.MTQ_RUN, name, timeframe.value, native, at)
            for (name, timeframe), (at, native) in closed.items()
        ),
        announced_at=told_at,
    )
    by_timeframe: dict[Timeframe, dict[str, Closed]] = defaultdict(dict)
    for (name, timeframe), (at, native) in closed.items():
        by_timeframe[timeframe][name] = Closed(closed_at=at, announced_at=told_at, native=native)
    for timeframe, marks in by_timeframe.items():
        history.watermarks().advance(timeframe, marks)


def _due(base: Mapping[str, datetime]) -> Iterator[tuple[tuple[str, Timeframe], datetime]]:
    for timeframe in Timeframe:
        if timeframe is Timeframe.M1:
            continue
        held = history.marks(timeframe)
        for name, closed in base.items():
            mark, target = held.get(name), sessions.bucket_open(timeframe, closed)
            if mark is None or (target > mark.closed_at and not mark.native):
                yield (name, timeframe), target


def _keep_gaps(windows: Sequence[BarWindow]) -> None:
    """Remember what the venue left out in the middle of an answer: it has no bars there."""
    rows = [
        KnownGap(
            source=settings.MTQ_RUN,
            instrument=window.instrument,
            timeframe=window.timeframe.value,
            first_at=first,
            last_at=last,
        )
        for window in windows
        for first, last in _holes(window)
    ]
    if rows:
        KnownGap.objects.bulk_create(rows, ignore_conflicts=True)


def _holes(window: BarWindow) -> Iterator[tuple[datetime, datetime]]:
    try:
        rule = instruments.session_rule(window.instrument)
    except UnknownInstrument:
        return iter(())
    return quality.gaps(window, rule)


def _tick(quote: Quote, *, seq: int, received_at: datetime) -> Tick:
    return Tick(
        instrument=quote.instrument,
        tick_at=quote.quote_at,
        seq=seq,
        bid=float(quote.bid),
        ask=float(quote.ask),
        received_at=received_at,
    )
