"""MT5's "Export bars": tabs, a header in angle brackets, server time, bid prices and a spread in points."""

import codecs
import io
from pathlib import Path

import numpy as np
import pandas as pd

from apps.marketdata.domain.arrays import window_of
from apps.marketdata.domain.bar import FloatArray
from apps.marketdata.errors import BadData
from apps.marketdata.feeds import zones
from apps.marketdata.feeds.base import BID_ONLY, RECORDED, FileBars, timeframe_of

_PRICES = ("<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>")
_NEEDED = ("<DATE>", *_PRICES, "<SPREAD>")
_HEADER_LINE = 1


class Mt5BarsFeed:
    def recognises(self, path: Path, head: bytes) -> bool:
        del path
        line = _decoded(head).split("\n", maxsplit=1)[0]
        return "\t" in line and all(name in line for name in _NEEDED)

    def read(self, path: Path, *, zone: str) -> FileBars:
        table = _table(path)
        prices = [pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64) for name in _PRICES]
        local = pd.to_datetime(_stamps(table), format="%Y.%m.%d %H:%M:%S", errors="coerce")
        opens = zones.to_utc(local.to_numpy().astype("datetime64[us]"), zone)
        _refuse_unreadable(path, np.isnat(opens), zone)
        digits = int(table["<CLOSE>"].str.partition(".")[2].str.len().max())
        points = pd.to_numeric(table["<SPREAD>"], errors="coerce").fillna(0).to_numpy(dtype=np.float64)
        has_spread = bool((points > 0).any())
        bid = np.stack(prices)
        ask = bid + points / 10**digits if has_spread else np.full_like(bid, np.nan)
        values = np.vstack([bid, ask, _volume(table)[None]])
        return FileBars(
            path=path,
            window=window_of(_instrument(path), timeframe_of(opens, path), opens, values),
            spread=RECORDED if has_spread else BID_ONLY,
            digits=digits,
            assumed_zone=zone,
            row_word="line",
            first_row=_HEADER_LINE + 1,
        )


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace")


def _table(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(io.StringIO(_decoded(path.read_bytes())), sep="\t", dtype=str)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise BadData(f"{path}: {str(error).strip()}: export it again") from error
    return table.fillna("")


def _stamps(table: pd.DataFrame) -> "pd.Series[str]":
    # A daily export has no time of day.
    return table["<DATE>"] + " " + table.get("<TIME>", "00:00:00")


def _refuse_unreadable(path: Path, missing: np.ndarray[tuple[int], np.dtype[np.bool_]], zone: str) -> None:
    if missing.any():
        line = int(np.argmax(missing)) + _HEADER_LINE + 1
        raise BadData(
            f"{path}, line {line}: no time that exists once in {zone}: correct the line or give --tz"
        )


def _volume(table: pd.DataFrame) -> FloatArray:
    name = "<TICKVOL>" if "<TICKVOL>" in table else "<VOL>"
    if name not in table:
        return np.zeros(len(table))
    volume: FloatArray = pd.to_numeric(table[name], errors="coerce").fillna(0).to_numpy(dtype=np.float64)
    return volume


def _instrument(path: Path) -> str:
    """Return the first part of the name that looks like an instrument: EURUSD of `EURUSD_H1_2018.csv`."""
    parts = path.name.replace("-", "_").replace(".", "_").split("_")
    for part in parts:
        if len(part) >= 6 and part.isalnum() and part.isupper() and part[:3].isalpha():
            return part
    return parts[0].upper()
