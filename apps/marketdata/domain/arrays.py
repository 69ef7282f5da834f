"""Turning rows, dictionaries and instants into windows and back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from apps.marketdata.domain.bar import COLUMNS, BarWindow, TimeArray, Timeframe

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_us(at: datetime) -> int:
    """Return microseconds since 1970, exactly."""
    delta = at - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def to_datetime64(at: datetime) -> np.datetime64:
    return np.datetime64(to_us(at), "us")


def from_us(us: int) -> datetime:
    return datetime.fromtimestamp(us // 1_000_000, UTC).replace(microsecond=us % 1_000_000)


def window_of(
    instrument: str, timeframe: Timeframe, opens: TimeArray, values: np.ndarray[Any, Any]
) -> BarWindow:
    """Build a window from opens, shape (n,), and values in the order of COLUMNS, shape (9, n)."""
    columns = dict(zip(COLUMNS, np.ascontiguousarray(values, dtype=np.float64), strict=True))
    return BarWindow(
        instrument=instrument, timeframe=timeframe, open_at=opens.astype("datetime64[us]"), **columns
    )


def window_from_rows(instrument: str, timeframe: Timeframe, rows: Sequence[Sequence[Any]]) -> BarWindow:
    """Build a window from rows of (datetime, nine floats or None)."""
    opens = np.array([row[0] for row in rows], dtype="datetime64[us]")
    values = np.array([row[1:] for row in rows], dtype=np.float64).reshape(len(rows), len(COLUMNS)).T
    return window_of(instrument, timeframe, opens, values)


def values_of(window: BarWindow) -> np.ndarray[Any, Any]:
    """Return the nine columns, shape (9, n)."""
    return np.stack([getattr(window, name) for name in COLUMNS])


def select(window: BarWindow, index: Any) -> BarWindow:
    """Return the rows that a mask, slice or index array names."""
    arrays = {name: getattr(window, name)[index] for name in ("open_at", *COLUMNS)}
    return BarWindow(instrument=window.instrument, timeframe=window.timeframe, **arrays)
