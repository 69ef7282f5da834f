"""Realised volatility of an instrument, from stored hourly bars."""

import logging
import threading
import time
from decimal import Decimal

import numpy as np

from apps.marketdata import clock, history
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.errors import MarketDataError, StoreUnavailable

log = logging.getLogger(__name__)

TIMEFRAME = Timeframe.H1
BARS = 241
FEWEST = 61
HOURS_A_YEAR = 260 * 24  # of trading; weekends have no bars
KEPT_S = 60.0
MISS_KEPT_S = 5.0  # a store that hangs must not be asked by every order

_lock = threading.Lock()
_held: dict[str, tuple[float, Decimal | None]] = {}


def yearly(instrument: str) -> Decimal | None:
    """Return the volatility of a year as a share of the price, at most a minute old; None without history."""
    with _lock:
        until, value = _held.get(instrument, (0.0, None))
    if time.monotonic() < until:
        return value
    value = _measure(instrument)
    kept = MISS_KEPT_S if value is None else KEPT_S
    with _lock:
        _held[instrument] = (time.monotonic() + kept, value)
    return value


def forget() -> None:
    """Measure again next time."""
    with _lock:
        _held.clear()


def _measure(instrument: str) -> Decimal | None:
    try:
        window = history.window(instrument, TIMEFRAME, until=clock.desk_now(), count=BARS)
    except StoreUnavailable as error:
        log.warning("no volatility of %s: %s", instrument, error)
        return None
    except MarketDataError as error:
        log.info("no volatility of %s: %s", instrument, error)
        return None
    closes = window.mid("close")
    closes = closes[np.isfinite(closes) & (closes > 0)]
    if len(closes) < FEWEST:
        return None
    deviation = float(np.std(np.diff(np.log(closes)), ddof=1)) * HOURS_A_YEAR**0.5
    return Decimal(repr(deviation)) if np.isfinite(deviation) and deviation > 0 else None
