"""Which files there are, and whether they may be used."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from apps.marketdata.domain import quality, sessions, spreads
from apps.marketdata.domain.arrays import from_us
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.domain.sessions import NEW_YORK
from apps.marketdata.errors import BadData
from apps.marketdata.feeds import detect
from apps.marketdata.feeds.base import BID_ONLY, FileBars

Report = Callable[[str], None]

_WHAT_TO_DO = {
    "nan": "remove the row or fill it from its source",
    "non_positive": "remove the row or correct the price",
    "high_low": "correct the row",
    "duplicate": "keep one of the two",
    "unordered": "sort the file by time",
}
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One instrument's file, read once and found sound. `spread` is `recorded` or `assumed:v1`."""

    path: Path
    instrument: str
    timeframe: Timeframe
    digits: int
    bars: int
    first_open_at: datetime
    last_open_at: datetime
    spread: str
    gaps: int
    crossed: int

    @property
    def end_at(self) -> datetime:
        return self.last_open_at + self.timeframe.length


def collect(folders: Sequence[Path], *, zone: str, report: Report) -> list[Source]:
    """Read and judge every file; an instrument found twice comes from the first.

    Raise BadData with one line.
    """
    chosen: dict[str, Source] = {}
    for folder in folders:
        for path in _files(folder):
            lines: list[str] = []
            source = _judged(path, zone=zone, report=lines.append)
            if source.instrument in chosen:
                report(
                    f"{source.instrument}: taken from {chosen[source.instrument].path}, "
                    f"which comes first; {path} is left out"
                )
                continue
            chosen[source.instrument] = source
            for line in (*lines, _described(source)):
                report(line)
    _same_timeframe(list(chosen.values()))
    return [chosen[name] for name in sorted(chosen)]


def load(source: Source, *, zone: str) -> BarWindow:
    """Read a source again, its ask assumed where the file has none."""
    return with_ask(detect.feed_for(source.path).read(source.path, zone=zone), report=lambda _: None)


def with_ask(bars: FileBars, *, report: Report) -> BarWindow:
    """Return the window with ask = bid + the assumed spread where the file has bids alone."""
    window = bars.window
    if bars.spread != BID_ONLY:
        return window
    price = float(np.median(window.bid_close))
    spread, known = spreads.assumed_spread(window.instrument, price=price, digits=bars.digits)
    if not known:
        report(
            f"{window.instrument}: no row in the spread table {spreads.VERSION}: 0.015 % of price is taken"
        )
    report(f"{window.instrument}: bid prices only; the ask is assumed {spread:g} above ({spreads.LABEL})")
    asks = {
        f"ask_{part}": getattr(window, f"bid_{part}") + spread for part in ("open", "high", "low", "close")
    }
    bids = {f"bid_{part}": getattr(window, f"bid_{part}") for part in ("open", "high", "low", "close")}
    return BarWindow(
        instrument=window.instrument,
        timeframe=window.timeframe,
        open_at=window.open_at,
        volume=window.volume,
        **bids,
        **asks,
    )


def _files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise BadData(f"{folder}: no such folder")
    paths = sorted(
        path for path in folder.iterdir() if path.suffix.lower() in detect.SUFFIXES and path.is_file()
    )
    if not paths:
        raise BadData(f"{folder}: no data files ({', '.join(detect.SUFFIXES)}) in it")
    yield from paths


def _judged(path: Path, *, zone: str, report: Report) -> Source:
    bars = detect.feed_for(path).read(path, zone=zone)
    window = bars.window
    fault = min(quality.hard_faults(window), key=lambda fault: fault.row, default=None)
    if fault is not None:
        raise BadData(f"{bars.place(fault.row)}: {fault.detail}: {_WHAT_TO_DO[fault.kind]}")
    if bars.assumed_zone:
        report(f"{window.instrument}: times of {path.name} are taken as {bars.assumed_zone} (set --tz)")
        _check_weekly_close(bars)
    window = with_ask(bars, report=report)
    rule = sessions.rule_for(base_currency=window.instrument[:3])
    return Source(
        path=path,
        instrument=window.instrument,
        timeframe=window.timeframe,
        digits=bars.digits,
        bars=len(window),
        first_open_at=from_us(_us(window, 0)),
        last_open_at=from_us(_us(window, -1)),
        spread=spreads.LABEL if bars.spread == BID_ONLY else bars.spread,
        gaps=sum(1 for _ in quality.gaps(window, rule)),
        crossed=int((window.bid_close > window.ask_close).sum()),
    )


def _us(window: BarWindow, row: int) -> int:
    return int(window.open_at[row].astype("datetime64[us]").astype(np.int64))


def _check_weekly_close(bars: FileBars) -> None:
    """Refuse an assumed zone unless it puts most weekly closes near Friday 17:00 New York."""
    opens = bars.window.open_at.astype("datetime64[us]").astype(np.int64)
    before = opens[:-1][np.diff(opens) > _DAY_US] + bars.window.timeframe.minutes * 60_000_000
    closes = [from_us(int(us)).astimezone(NEW_YORK) for us in before]
    fits = [close for close in closes if close.weekday() == 4 and 16 <= close.hour <= 17]
    if closes and bars.window.timeframe is not Timeframe.D1 and len(fits) * 2 < len(closes):
        raise BadData(
            f"{bars.path}: in {bars.assumed_zone} its weeks close at {closes[0]:%A %H:%M} New York, "
            "not Friday 17:00: give the zone of the file's clock with --tz"
        )


def _described(source: Source) -> str:
    line = (
        f"{source.instrument}: {source.bars} bars of {source.timeframe.value}, "
        f"{source.first_open_at:%Y-%m-%d} to {source.last_open_at:%Y-%m-%d}, spread {source.spread}"
    )
    if source.gaps:
        line += f"; {source.gaps} gaps inside sessions"
    if source.crossed:
        line += f"; {source.crossed} bars close with the bid above the ask"
    return line


def _same_timeframe(sources: Sequence[Source]) -> None:
    first = sources[0]
    for source in sources:
        if source.timeframe is not first.timeframe:
            raise BadData(
                f"{source.path} has bars of {source.timeframe.value}, "
                f"{first.path} of {first.timeframe.value}: give folders of one timeframe"
            )
