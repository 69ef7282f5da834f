"""What is wrong with bars and quotes. Hard faults are never stored; soft ones are counted and told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from apps.marketdata.domain import sessions
from apps.marketdata.domain.bar import SIDES, BarWindow, FloatArray
from apps.marketdata.domain.quote import Quote
from apps.marketdata.domain.sessions import SessionRule

BoolArray = NDArray[np.bool_]
BID, ASK = SIDES[:4], SIDES[4:]


@dataclass(frozen=True, slots=True, kw_only=True)
class BarFault:
    """`row` counts from 0 in the window; `hard` rows must not be stored."""

    kind: str
    row: int
    hard: bool
    detail: str


def hard_faults(window: BarWindow, *, allows_negative: bool = False) -> Iterator[BarFault]:
    """Yield NaN, non-positive and high/low faults, then times out of order, each with its row."""
    for kind, mask, detail in _masks(window, allows_negative=allows_negative):
        for row in np.flatnonzero(mask):
            yield BarFault(kind=kind, row=int(row), hard=True, detail=detail)


def sound_rows(window: BarWindow, *, allows_negative: bool = False) -> BoolArray:
    """Return which rows have no hard fault, shape (n,)."""
    sound = np.ones(len(window), dtype=bool)
    for _, mask, _ in _masks(window, allows_negative=allows_negative):
        sound &= ~mask
    return sound


def soft_faults(window: BarWindow, *, jump_sigmas: float = 20.0) -> Iterator[BarFault]:
    """Yield closes with the bid above the ask, and moves beyond `jump_sigmas` of the window's own moves."""
    for row in np.flatnonzero(window.bid_close > window.ask_close):
        yield BarFault(kind="crossed", row=int(row), hard=False, detail="bid_close above ask_close")
    if len(window) < 30:
        return
    moves = np.abs(np.diff(np.log(window.bid_close)))
    limit = jump_sigmas * float(np.sqrt(np.mean(moves**2)))
    for row in np.flatnonzero(moves > limit) if limit > 0 else ():
        yield BarFault(kind="jump", row=int(row) + 1, hard=False, detail=f"moves {moves[row]:.2%} in one bar")


def gaps(window: BarWindow, rule: SessionRule) -> Iterator[tuple[datetime, datetime]]:
    """Yield stretches between two bars, longer than a bar, that lie in a session."""
    opens = window.open_at.astype("datetime64[us]").astype(np.int64)
    step = window.timeframe.minutes * 60_000_000
    for row in np.flatnonzero(np.diff(opens) > step):
        first, last = _instant(int(opens[row]) + step), _instant(int(opens[row + 1]))
        if not sessions.closed_throughout(rule, first=first, last=last):
            yield first, last


def quote_fault(quote: Quote, *, allows_negative: bool = False) -> str | None:
    """Return the kind of fault of a live quote, or None.

    A crossed one must deny entries, so it has its own.
    """
    if not (quote.bid.is_finite() and quote.ask.is_finite()):
        return "nan"
    if not allows_negative and (quote.bid <= 0 or quote.ask <= 0):
        return "non_positive"
    return "crossed" if quote.is_crossed else None


def _instant(us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)


def _masks(window: BarWindow, *, allows_negative: bool) -> Iterator[tuple[str, BoolArray, str]]:
    bid = np.stack([getattr(window, name) for name in BID])
    ask = np.stack([getattr(window, name) for name in ASK])
    ask_is_known = ~np.isnan(ask).all(axis=0)
    unusable: BoolArray = ~np.isfinite(bid).all(axis=0) | (ask_is_known & ~np.isfinite(ask).all(axis=0))
    yield "nan", unusable, "NaN or infinite price"
    if not allows_negative:
        non_positive: BoolArray = np.logical_or.reduce(np.concatenate([bid, ask]) <= 0)
        yield "non_positive", non_positive, "zero or negative price"
    yield "high_low", _disordered(bid) | _disordered(ask), "high or low does not enclose open and close"
    step = np.diff(window.open_at.astype("datetime64[us]").astype(np.int64), prepend=np.int64(-(2**62)))
    yield "duplicate", step == 0, "same time as the row before"
    yield "unordered", step < 0, "earlier than the row before"


def _disordered(side: FloatArray) -> BoolArray:
    opened, high, low, closed = side
    # NaN compares false: an unknown side is no disorder.
    mask: BoolArray = (high < np.maximum(opened, closed)) | (low > np.minimum(opened, closed)) | (high < low)
    return mask
