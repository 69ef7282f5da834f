"""Declared, versioned feature sets: what an agent's columns are, computed alike in training and live.

A set never changes; another column or formula is another set. Row t uses bars up to t only, and only the last
`warmup + 1` of them: earlier rows of the result may hold NaN, all later ones are finite.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.marketdata.domain.bar import BarWindow, FloatArray
from apps.marketdata.domain.indicators import momentum, trend, volatility
from apps.marketdata.domain.indicators.rolling import ratio, rolling_mean, rolling_std
from apps.marketdata.errors import BadData

_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSet:
    """`columns` are the keys of COLUMNS, in order; `warmup` is how many first rows may be incomplete."""

    name: str
    version: int
    columns: tuple[str, ...]
    warmup: int
    needs_ask: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Prices:
    """Mid prices and what several columns share."""

    opened: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    spread: FloatArray
    atr: FloatArray
    day_angle: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One feature: what it means, how many earlier rows it needs, and its formula."""

    text: str
    rows: int
    formula: Callable[[_Prices], FloatArray]


def _volume_ratio(p: _Prices) -> FloatArray:
    # Many sources do not know volume (NaN or 0): then the column is the neutral 1.
    known = np.where(np.isnan(p.volume), 0.0, p.volume)
    return ratio(known, rolling_mean(known, 20), otherwise=1.0)


_MACD_ROWS = trend.ema_rows(26) - 1

COLUMNS: dict[str, Column] = {
    "return_1": Column(
        text="log return of the mid close over 1 bar",
        rows=1,
        formula=lambda p: momentum.log_return(p.close, 1),
    ),
    "return_5": Column(
        text="log return of the mid close over 5 bars",
        rows=5,
        formula=lambda p: momentum.log_return(p.close, 5),
    ),
    "return_20": Column(
        text="log return of the mid close over 20 bars",
        rows=20,
        formula=lambda p: momentum.log_return(p.close, 20),
    ),
    "volatility_20": Column(
        text="standard deviation of the 1-bar log returns of the last 20 bars",
        rows=20,
        formula=lambda p: rolling_std(momentum.log_return(p.close, 1), 20),
    ),
    "volatility_60": Column(
        text="standard deviation of the 1-bar log returns of the last 60 bars",
        rows=60,
        formula=lambda p: rolling_std(momentum.log_return(p.close, 1), 60),
    ),
    "range_1": Column(
        text="high less low of the bar, as a share of its close",
        rows=0,
        formula=lambda p: (p.high - p.low) / p.close,
    ),
    "body_1": Column(
        text="close less open as a share of high less low, -1 .. 1; 0 where the bar has no range",
        rows=0,
        formula=lambda p: ratio(p.close - p.opened, p.high - p.low),
    ),
    "atr_14": Column(
        text="mean true range of 14 bars as a share of the close", rows=14, formula=lambda p: p.atr / p.close
    ),
    "sma_gap_10": Column(
        text="close less its 10-bar mean, in mean true ranges (14)",
        rows=14,
        formula=lambda p: ratio(trend.gap_to_mean(p.close, 10), p.atr),
    ),
    "sma_gap_50": Column(
        text="close less its 50-bar mean, in mean true ranges (14)",
        rows=49,
        formula=lambda p: ratio(trend.gap_to_mean(p.close, 50), p.atr),
    ),
    "macd_12_26": Column(
        text="12-bar less 26-bar exponential average, in mean true ranges (14)",
        rows=_MACD_ROWS,
        formula=lambda p: ratio(trend.macd(p.close), p.atr),
    ),
    "efficiency_10": Column(
        text="net move of 10 bars as a share of the way walked, 0 .. 1",
        rows=10,
        formula=lambda p: trend.efficiency(p.close, 10),
    ),
    "directional_14": Column(
        text="up moves less down moves of the highs and lows over 14 bars, -1 .. 1",
        rows=14,
        formula=lambda p: trend.directional(p.high, p.low, 14),
    ),
    "rsi_14": Column(
        text="gains as a share of gains and losses over 14 bars, 0 .. 1",
        rows=14,
        formula=lambda p: momentum.rsi(p.close, 14),
    ),
    "stochastic_14": Column(
        text="place of the close in the range of 14 bars, 0 .. 1",
        rows=13,
        formula=lambda p: momentum.place_in_range(p.close, p.high, p.low, 14),
    ),
    "donchian_50": Column(
        text="place of the close in the range of 50 bars, 0 .. 1",
        rows=49,
        formula=lambda p: momentum.place_in_range(p.close, p.high, p.low, 50),
    ),
    "z_score_20": Column(
        text="distance of the close from its 20-bar mean in standard deviations",
        rows=19,
        formula=lambda p: volatility.z_score(p.close, 20),
    ),
    "channel_20": Column(
        text="distance of the typical price from its 20-bar mean in mean absolute deviations",
        rows=19,
        formula=lambda p: momentum.commodity_channel(p.high, p.low, p.close, 20),
    ),
    "volume_ratio_20": Column(
        text="volume relative to its 20-bar mean; 1 where volume is not known",
        rows=19,
        formula=_volume_ratio,
    ),
    "spread_atr": Column(
        text="spread at the close in mean true ranges (14)", rows=14, formula=lambda p: ratio(p.spread, p.atr)
    ),
    "day_sin": Column(
        text="sine of the UTC time of day at the bar's open", rows=0, formula=lambda p: np.sin(p.day_angle)
    ),
    "day_cos": Column(
        text="cosine of the UTC time of day at the bar's open", rows=0, formula=lambda p: np.cos(p.day_angle)
    ),
}

FEATURE_SETS: dict[str, FeatureSet] = {
    "core-1": FeatureSet(
        name="core-1",
        version=1,
        columns=tuple(COLUMNS),
        warmup=max(column.rows for column in COLUMNS.values()),
        needs_ask=True,
    ),
}


def compute(window: BarWindow, feature_set: FeatureSet) -> NDArray[np.float64]:
    """Return the features, shape (len(window), len(columns)). Raise BadData where the set needs an ask."""
    if feature_set.needs_ask and np.isnan(window.ask_close).any():
        raise BadData(f"{feature_set.name} needs the ask, and bars of {window.instrument} lack it")
    prices = _prices(window)
    with np.errstate(invalid="ignore", divide="ignore"):
        columns = [COLUMNS[name].formula(prices) for name in feature_set.columns]
    return np.column_stack(columns)


def _prices(window: BarWindow) -> _Prices:
    high, low, close = window.mid("high"), window.mid("low"), window.mid("close")
    day_us = window.open_at.astype("datetime64[us]").astype(np.int64) % _DAY_US
    return _Prices(
        opened=window.mid("open"),
        high=high,
        low=low,
        close=close,
        volume=window.volume,
        spread=window.ask_close - window.bid_close,
        atr=volatility.average_true_range(high, low, close, 14),
        day_angle=day_us.astype(np.float64) * (2 * np.pi / _DAY_US),
    )
