"""How much an instrument moves, from stored bars: volatility of a year, and the average true range."""

import logging
import threading
import time
from collections.abc import Callable
from decimal import Decimal

import numpy as np

from apps.marketdata import clock, history
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.errors import MarketDataError, StoreUnavailable
from apps.risk.domain.sizing import scaled_deviation, wilder_range

log = logging.getLogger(__name__)

TIMEFRAME = Timeframe.H1
BARS = 241
FEWEST = 61
HOURS_A_YEAR = 260 * 24  # of trading; weekends have no bars
KEPT_S = 60.0
MISS_KEPT_S = 5.0  # a store that hangs must not be asked by every order

_lock = threading.Lock()
_held: dict[tuple[str, str, Timeframe], tuple[float, Decimal | None]] = {}


def yearly(instrument: str) -> Decimal | None:
    """Return the volatility of a year as a share of the price, at most a minute old; None without history."""
    return _kept("yearly", instrument, TIMEFRAME, _deviation)


def average_range(instrument: str, timeframe: Timeframe) -> Decimal | None:
    """Return Wilder's average true range of 14 bars in price units, as fresh; None without history."""
    return _kept("range", instrument, timeframe, _range)


def forget() -> None:
    """Measure again next time."""
    with _lock:
        _held.clear()


def _kept(
    what: str, instrument: str, timeframe: Timeframe, measured: Callable[[BarWindow], float | None]
) -> Decimal | None:
    key = (what, instrument, timeframe)
    with _lock:
        until, value = _held.get(key, (0.0, None))
    if time.monotonic() < until:
        return value
    value = _measure(what, instrument, timeframe, measured)
    kept = MISS_KEPT_S if value is None else KEPT_S
    with _lock:
        _held[key] = (time.monotonic() + kept, value)
    return value


def _measure(
    what: str, instrument: str, timeframe: Timeframe, measured: Callable[[BarWindow], float | None]
) -> Decimal | None:
    try:
        window = history.window(instrument, timeframe, until=clock.desk_now(), count=BARS)
    except StoreUnavailable as error:
        log.warning("no %s volatility of %s: %s", what, instrument, error)
        return None
    except MarketDataError as error:
        log.info("no %s volatility of %s: %s", what, instrument, error)
        return None
    found = measured(window)
    return Decimal(repr(found)) if found is not None and np.isfinite(found) and found > 0 else None


def _deviation(window: BarWindow) -> float | None:
    closes = window.mid("close")
    closes = closes[np.isfinite(closes) & (closes > 0)]
    if len(closes) < FEWEST:
        return None
    return scaled_deviation(closes, HOURS_A_YEAR)


def _range(window: BarWindow) -> float | None:
    bars = np.stack([window.mid("high"), window.mid("low"), window.mid("close")])
    bars = bars[:, np.isfinite(bars).all(axis=0)]
    if bars.shape[1] < FEWEST:
        return None
    return float(wilder_range(*bars)[-1])
