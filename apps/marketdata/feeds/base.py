"""What a parser of a file format offers: bars as they stand in the file, with where each row stands."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from apps.marketdata.domain.bar import BarWindow, TimeArray, Timeframe
from apps.marketdata.errors import BadData

RECORDED = "recorded"
BID_ONLY = "bid"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FileBars:
    """`spread` is RECORDED, or BID_ONLY where the ask columns are NaN. Row i of the window is `place(i)`.

    Nothing is sorted or repaired; times are UTC bar opens.
    """

    path: Path
    window: BarWindow
    spread: str
    digits: int
    assumed_zone: str  # "" where the file itself says UTC
    row_word: str = "row"
    first_row: int = 1

    def place(self, row: int) -> str:
        return f"{self.path}, {self.row_word} {row + self.first_row}"


class BarFeed(Protocol):
    """One file format."""

    def recognises(self, path: Path, head: bytes) -> bool: ...
    def read(self, path: Path, *, zone: str) -> FileBars:
        """Read it all; `zone` is where the file's clock stands if it does not say.

        Raise BadData naming the row.
        """
        ...


def timeframe_of(opens: TimeArray, path: Path) -> Timeframe:
    """Return the smallest step between bars. Raise BadData where that is no timeframe."""
    steps = np.diff(opens.astype("datetime64[us]").astype(np.int64))
    steps = steps[steps > 0]
    if not len(steps):
        raise BadData(f"{path}: fewer than two bars: give a file with more")
    smallest_s = int(steps.min()) / 1_000_000
    for timeframe in Timeframe:
        if timeframe.length.total_seconds() == smallest_s:
            return timeframe
    raise BadData(
        f"{path}: its bars are {smallest_s:g} s apart, which is no timeframe (1m 5m 15m 1h 4h 1d): "
        "export the bars again"
    )
