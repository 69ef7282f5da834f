"""Split the user's bars at the start of the replay. The manifest is the last thing to appear."""

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction

from apps.marketdata import history
from apps.marketdata.domain.arrays import select, to_datetime64
from apps.marketdata.domain.bar import COLUMNS, BarWindow, Timeframe
from apps.marketdata.errors import BadData
from apps.marketdata.feeds import zones
from apps.marketdata.importing.sources import Report, Source, collect, load
from apps.marketdata.ingestion.batch import announce
from apps.marketdata.models import DataSet
from apps.marketdata.stores.base import Series

_REPLAYED_SHARE = 0.2
_FAR = datetime(9999, 1, 1, tzinfo=UTC)
_SLOW_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    start_at: datetime
    timeframe: Timeframe
    instruments: tuple[str, ...]


def prepare_replay(
    *,
    folders: Sequence[Path],
    from_at: datetime | None,
    report: Report,
    zone: str = zones.MT5_SERVER,
) -> Prepared:
    """Write the replay files and import what lies before the start; harmless when repeated.

    Raise BadData with one line that names file, row and what to do; StoreUnavailable. The replay folder is
    either as it was or complete.
    """
    zones.check(zone)
    history.ensure_schema()  # a replay is prepared before the desk's own seeding
    sources = collect(folders, zone=zone, report=report)
    start_at = _start(sources, from_at, report)
    replayed = _reaching(sources, start_at, report)
    _refuse_knowledge_of_the_future(replayed, start_at)
    target = Path(settings.MTQ_REPLAY_DIR)
    draft = target.with_name(f"{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        for source in replayed:
            _split(source, start_at, draft, zone=zone, report=report)
        _write_manifest(draft, replayed, start_at)
        _put_in_place(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return Prepared(
        start_at=start_at,
        timeframe=replayed[0].timeframe,
        instruments=tuple(source.instrument for source in replayed),
    )


def _start(sources: Sequence[Source], from_at: datetime | None, report: Report) -> datetime:
    """Take the given start, else the Monday before the last fifth of what all instruments have in common."""
    first = max(source.first_open_at for source in sources)
    end = min(source.end_at for source in sources)
    if from_at is not None:
        if not any(source.first_open_at <= from_at < source.end_at for source in sources):
            raise BadData(f"--from {from_at:%Y-%m-%d}: the data span {first:%Y-%m-%d} to {end:%Y-%m-%d}")
        return from_at
    if first >= end:
        raise BadData("the files have no period in common: leave some out, or say --from DATE")
    fifth = end - (end - first) * _REPLAYED_SHARE
    monday = (fifth - timedelta(days=fifth.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    start = max(monday, first)
    report(f"no --from: the replay starts at {start:%Y-%m-%d %H:%M} UTC, the last fifth of the common period")
    return start


def _reaching(sources: Sequence[Source], start_at: datetime, report: Report) -> list[Source]:
    """Leave out instruments without bars after the start, in a line each."""
    reaching = [source for source in sources if source.end_at > start_at]
    for source in sources:
        if source not in reaching:
            report(f"{source.instrument}: ends {source.end_at:%Y-%m-%d}, before the start; left out")
    return reaching


def _refuse_knowledge_of_the_future(sources: Sequence[Source], start_at: datetime) -> None:
    """Refuse a store with later bars of this run: it would show agents what is still to come."""
    for source in sources:
        series = _series(source.instrument, source.timeframe)
        if len(history.store().opens(series, first=start_at, last=_FAR)):
            raise BadData(
                f"{source.instrument}: this run's store already holds bars after {start_at:%Y-%m-%d %H:%M}: "
                "./mtquant reset begins a new run"
            )


def _split(source: Source, start_at: datetime, draft: Path, *, zone: str, report: Report) -> None:
    began = time.monotonic()
    window = load(source, zone=zone)
    before = window.open_at < to_datetime64(start_at)
    past, future = select(window, before), select(window, ~before)
    _write_parquet(draft / f"{source.instrument}.parquet", future)
    if len(past):
        history.store().append_bars([past], source=settings.MTQ_RUN, origin=f"import:{source.spread}")
        with transaction.atomic():
            announce([past])
            _note(source)
    took_s = time.monotonic() - began
    line = f"{source.instrument}: {len(past)} bars into the store, {len(future)} to the venue"
    report(f"{line} ({took_s:.1f} s)" if took_s > _SLOW_S else line)


def _note(source: Source) -> None:
    DataSet.objects.update_or_create(
        source=settings.MTQ_RUN,
        instrument=source.instrument,
        timeframe=source.timeframe.value,
        defaults={
            "origin": str(source.path)[-400:],
            "spread": source.spread,
            "bars": source.bars,
            "first_at": source.first_open_at,
            "last_at": source.last_open_at,
            "gaps": source.gaps,
            "crossed": source.crossed,
        },
    )


def _series(instrument: str, timeframe: Timeframe) -> Series:
    return Series(
        source=settings.MTQ_RUN,
        instrument=instrument,
        timeframe=timeframe,
        native=timeframe is not Timeframe.M1,
    )


def _write_parquet(path: Path, window: BarWindow) -> None:
    times = pa.array(window.open_at.astype("datetime64[us]").astype(np.int64), pa.timestamp("us", tz="UTC"))
    columns = {"time": times} | {name: pa.array(getattr(window, name)) for name in COLUMNS}
    pq.write_table(pa.table(columns), path, compression="zstd")


def _write_manifest(draft: Path, sources: Sequence[Source], start_at: datetime) -> None:
    manifest = {
        "version": 1,
        "kind": "replay",
        "start_at": start_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "timeframe_minutes": sources[0].timeframe.minutes,
        "instruments": [
            {
                "name": source.instrument,
                "file": f"{source.instrument}.parquet",
                "digits": source.digits,
                "spread": source.spread,
                "source_folder": str(source.path.parent),
            }
            for source in sources
        ],
    }
    (draft / "manifest.json").write_text(json.dumps(manifest, indent=1))


def _put_in_place(draft: Path, target: Path) -> None:
    """Swap folders by renaming; between the two renames there is no manifest, which means no replay."""
    old = target.with_name(f"{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    draft.rename(target)
    shutil.rmtree(old, ignore_errors=True)
