"""Prices that can be traded, and the money they are worth: missing asks, crossed quotes, conversion."""

from dataclasses import replace

import numpy as np

from apps.agents.errors import HardFaults
from apps.marketdata.domain import spreads
from apps.marketdata.domain.bar import BarWindow, FloatArray, TimeArray, Timeframe
from apps.marketdata.domain.instrument import InstrumentSpec

FILL_BARS = 24  # how old a conversion price may be
HOURS_A_YEAR = 260 * 24  # of trading, as risk counts them
VOLATILITY_HOURS, FEWEST_RETURNS = 240, 60
_PARTS = ("open", "high", "low", "close")


def label_of(window: BarWindow, *, recorded: str) -> str:
    """Say where the spreads come from: `recorded`, the assumed table, or both."""
    unknown = np.isnan(window.ask_close)
    if unknown.all():
        return spreads.LABEL
    return f"{recorded}, {spreads.LABEL} where missing" if unknown.any() else recorded


def with_ask(window: BarWindow, *, digits: int) -> BarWindow:
    """Return the bars with every missing ask at the bid plus the assumed spread."""
    unknown = np.isnan(window.ask_close)
    if not unknown.any():
        return window
    spread, _ = spreads.assumed_spread(
        window.instrument, price=float(np.median(window.bid_close)), digits=digits
    )
    asks = {
        f"ask_{part}": np.where(
            unknown, getattr(window, f"bid_{part}") + spread, getattr(window, f"ask_{part}")
        )
        for part in _PARTS
    }
    return replace(window, **asks)


def uncrossed(bid: FloatArray, ask: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Put the usual spread around the mid where the bid lies above the ask: nobody is paid to trade."""
    crossed = bid > ask
    if not crossed.any():
        return bid, ask
    sound = (ask - bid)[~crossed]
    half = float(np.median(sound)) / 2 if sound.size else 0.0
    mid = (bid + ask) / 2
    return np.where(crossed, mid - half, bid), np.where(crossed, mid + half, ask)


def rates(
    window: BarWindow, conversion: BarWindow | None, *, spec: InstrumentSpec, account_currency: str
) -> FloatArray:
    """Return what one unit of the quote currency is worth in the account's at each close, at mid.

    Raise HardFaults when nothing converts it, or when the bars that do are more than FILL_BARS old.
    """
    if spec.quote_currency == account_currency:
        return np.ones(len(window))
    if spec.base_currency == account_currency:
        return 1.0 / window.mid("close")
    pair = f"{spec.quote_currency}{account_currency}"
    if conversion is None or conversion.instrument not in {pair, account_currency + spec.quote_currency}:
        raise HardFaults(f"{window.instrument} needs bars of {pair} to be counted in {account_currency}")
    close = _price(conversion)[_rows_before(window, conversion)]
    return close if conversion.instrument == pair else 1.0 / close


def _price(conversion: BarWindow) -> FloatArray:
    close = np.where(np.isnan(conversion.ask_close), conversion.bid_close, conversion.mid("close"))
    faulty = np.flatnonzero(~(np.isfinite(close) & (close > 0)))
    if faulty.size:
        raise HardFaults(f"{conversion.instrument} row {faulty[0]}: its close is no price")
    return close


def _rows_before(window: BarWindow, conversion: BarWindow) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
    """Return the row of the newest conversion bar that opened with or before each bar."""
    rows = np.searchsorted(conversion.open_at, window.open_at, side="right") - 1
    known = conversion.open_at[np.maximum(rows, 0)]
    limit = np.timedelta64(FILL_BARS * window.timeframe.minutes, "m")
    missing = np.flatnonzero((rows < 0) | (window.open_at - known > limit))
    if missing.size:
        at = np.datetime_as_string(window.open_at[missing[0]], unit="m")
        raise HardFaults(
            f"{window.instrument} row {missing[0]} ({at}Z): {conversion.instrument} has no price within "
            f"{FILL_BARS} bars"
        )
    return rows


def yearly_volatility(open_at: TimeArray, close: FloatArray, timeframe: Timeframe) -> FloatArray:
    """Return the volatility of a year known at each close, as risk measures it; NaN before 60 returns.

    Risk takes the last 240 hourly returns. Shorter bars are thinned to the last one of each hour; bars
    longer than an hour stand for the hours they last.
    """
    minutes = open_at.astype("datetime64[m]").astype(np.int64)
    short = timeframe.minutes < Timeframe.H1.minutes
    hour = minutes // 60 if short else np.arange(len(close))
    ends = np.flatnonzero(np.append(hour[1:] != hour[:-1], [True]))
    length_h = max(1.0, timeframe.minutes / 60)
    rows = max(FEWEST_RETURNS, round(VOLATILITY_HOURS / length_h))
    measured = np.full(len(ends), np.nan)
    measured[1:] = _trailing_std(np.diff(np.log(close[ends])), rows) * (HOURS_A_YEAR / length_h) ** 0.5
    # That a short bar was the last of its hour is known once the next one is there.
    newest = np.searchsorted(ends, np.arange(len(close)), side="left" if short else "right") - 1
    known = np.where(newest >= 0, measured[np.maximum(newest, 0)], np.nan)
    return np.where(known > 0, known, np.nan)


def _trailing_std(values: FloatArray, rows: int) -> FloatArray:
    """Return the sample deviation of up to `rows` last values; NaN before FEWEST_RETURNS of them."""
    last = np.arange(1, len(values) + 1)
    first = np.maximum(0, last - rows)
    count = (last - first).astype(np.float64)
    sums = np.concatenate(([0.0], np.cumsum(values)))
    squares = np.concatenate(([0.0], np.cumsum(values**2)))
    total, square = sums[last] - sums[first], squares[last] - squares[first]
    variance = np.maximum(0.0, square - total**2 / count) / np.maximum(1.0, count - 1)
    return np.where(count >= FEWEST_RETURNS, np.sqrt(variance), np.nan)
