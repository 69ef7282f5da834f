"""The worker's side: one drainer at a time empties the streams, newest data first."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from apps.marketdata.ingestion.batch import Batch, announce_derived
from apps.marketdata.ingestion.publishing import bulk_stream, live_stream
from apps.marketdata.stores import valkey
from apps.marketdata.stores.valkey import Stream, Turn

_LIVE_AT_ONCE = 500
_BULK_AT_ONCE = 5
_TURN_S = 8.0  # longer than a store takes to give up; a killed worker is succeeded after it
_WORKS_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """How many quotes and bars were stored, and how many faults met."""

    quotes: int = 0
    bars: int = 0
    faults: int = 0

    def plus(self, other: "Drained") -> "Drained":
        return Drained(
            quotes=self.quotes + other.quotes, bars=self.bars + other.bars, faults=self.faults + other.faults
        )


def drain() -> Drained:
    """Store what waits in the streams, for about 5 s at most. Nothing where another worker is at it.

    Raise StoreUnavailable when a store does not answer; the entries stay and come back.
    """
    total = Drained()
    ends = time.monotonic() + _WORKS_S
    turn = Turn(
        valkey.client(settings.REDIS_URL),
        f"mtq:{settings.MTQ_RUN}:ingest:turn",
        lasts_s=_TURN_S,
        token=uuid.uuid4().hex,
    )
    while turn.take():
        try:
            total = total.plus(_rounds(turn, ends))
        finally:
            turn.give_back()
        # What came between the last look and giving back found the turn taken: look once more.
        if time.monotonic() > ends or not (live_stream().length() or bulk_stream().length()):
            break
    return total


def _rounds(turn: Turn, ends: float) -> Drained:
    """Alternate: everything live, then a little of the backfill, until both are empty or time is over."""
    live, bulk = live_stream(), bulk_stream()
    total = Drained()
    while turn.renew():
        part = _round(live, _LIVE_AT_ONCE).plus(_round(bulk, _BULK_AT_ONCE))
        announce_derived()
        if part == Drained() or time.monotonic() > ends:
            return total.plus(part)
        total = total.plus(part)
    return total


def _round(stream: Stream, count: int) -> Drained:
    """Store what an earlier drainer left unacknowledged, else the next entries."""
    entries = stream.unfinished(count) or stream.fresh(count)
    return _stored(stream, entries) if entries else Drained()


def _stored(stream: Stream, entries: Sequence[tuple[bytes, dict[bytes, bytes]]]) -> Drained:
    batch = Batch()
    for _, fields in entries:
        batch.take(fields)
    batch.store()
    stream.done([entry_id for entry_id, _ in entries])
    return Drained(quotes=len(batch.ticks), bars=batch.bar_count, faults=len(batch.faults))
