"""Parquet bars: `time` is the bar open with a zone; the column names say which side they are."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from apps.marketdata.domain.arrays import window_of
from apps.marketdata.domain.bar import COLUMNS, FloatArray, TimeArray
from apps.marketdata.errors import BadData
from apps.marketdata.feeds.base import BID_ONLY, RECORDED, FileBars, timeframe_of

_PARTS = ("open", "high", "low", "close")
_BID = tuple(f"bid_{part}" for part in _PARTS)
_ASK = tuple(f"ask_{part}" for part in _PARTS)
_MOST_DIGITS = 6


class ParquetFeed:
    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        return head[:4] == b"PAR1"

    def read(self, path: Path, *, zone: str) -> FileBars:
        del zone  # the file says it itself
        try:
            table = pq.read_table(path)
        except (pa.ArrowInvalid, OSError) as error:
            raise BadData(f"{path}: not readable as Parquet ({error}): copy or export it again") from error
        names = _sides(path, set(table.column_names))
        opens = _times(path, table)
        bid = np.stack([_floats(path, table, name) for name in names[:4]])
        ask = (
            np.stack([_floats(path, table, name) for name in names[4:8]])
            if len(names) >= 8
            else np.full_like(bid, np.nan)
        )
        values = np.vstack([bid, ask, _volume(path, table)[None]])
        return FileBars(
            path=path,
            window=window_of(path.stem, timeframe_of(opens, path), opens, values.reshape(len(COLUMNS), -1)),
            spread=RECORDED if len(names) >= 8 else BID_ONLY,
            digits=digits_of(bid[3]),
            assumed_zone="",
        )


def digits_of(prices: FloatArray) -> int:
    """Return how many decimals the prices need, at most 6."""
    finite = prices[np.isfinite(prices)]
    for digits in range(_MOST_DIGITS):
        scaled = finite * 10**digits
        if np.abs(scaled - np.round(scaled)).max(initial=0.0) < 1e-4:
            return digits
    return _MOST_DIGITS


def _sides(path: Path, columns: set[str]) -> tuple[str, ...]:
    if columns.issuperset(_BID + _ASK):
        return _BID + _ASK
    if columns.issuperset(_BID):
        return _BID
    if columns.issuperset(_PARTS):
        if "tick_volume" in columns:
            return _PARTS
        raise BadData(
            f"{path}: open to close without a side look like trades, and a replay needs what was bid and "
            "asked: name the columns bid_open to bid_close if they are bids, or leave the file out"
        )
    raise BadData(
        f"{path}: no columns bid_open bid_high bid_low bid_close "
        f"(found {', '.join(sorted(columns)) or 'none'}): rename or export them"
    )


def _times(path: Path, table: pa.Table) -> TimeArray:
    if "time" not in table.column_names:
        raise BadData(f"{path}: no column `time` (bar open, UTC): add it")
    column = table.column("time")
    if not pa.types.is_timestamp(column.type) or column.type.tz is None:
        raise BadData(
            f"{path}: column `time` is {column.type}, not a timestamp with a time zone: write it in UTC"
        )
    missing = pc.index(pc.is_null(column), True).as_py()
    if missing >= 0:
        raise BadData(f"{path}, row {missing + 1}: no time: remove the row")
    times: TimeArray = column.to_numpy().astype("datetime64[us]")
    return times


def _floats(path: Path, table: pa.Table, name: str) -> FloatArray:
    try:
        values: FloatArray = pc.cast(table.column(name), pa.float64()).to_numpy()
    except pa.ArrowInvalid as error:
        raise BadData(f"{path}: column {name} is not numeric ({error}): export it as numbers") from error
    return values


def _volume(path: Path, table: pa.Table) -> FloatArray:
    for name in ("volume", "tick_volume"):
        if name in table.column_names:
            return _floats(path, table, name)
    return np.zeros(table.num_rows)
