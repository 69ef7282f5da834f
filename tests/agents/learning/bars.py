"""Bars made up for the tests of learning: a walk with a spread, hour after hour, weekends left out."""

from decimal import Decimal
from typing import Any

import numpy as np

from apps.agents.learning import market
from apps.agents.learning.market import Terms, TrainingMarket
from apps.marketdata.domain.bar import BarWindow, TimeArray, Timeframe
from apps.marketdata.domain.features import FEATURE_SETS
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.risk.domain.sizing import Rule

CORE = FEATURE_SETS["core-1"]
MONDAY = np.datetime64("2024-01-01T00:00", "us")
RULE = Rule(
    source="agent:*",
    risk_fraction=Decimal("0.01"),
    target_volatility=Decimal("0.05"),
    assumed_stop=Decimal("0.02"),
)


def spec(name: str = "EURUSD") -> InstrumentSpec:
    return InstrumentSpec(
        name=name,
        base_currency=name[:3],
        quote_currency=name[3:],
        contract_size=Decimal(100_000),
        tick_size=Decimal("0.001" if name.endswith("JPY") else "0.00001"),
        lot_step=Decimal("0.01"),
        lot_min=Decimal("0.01"),
        lot_max=Decimal(100),
        margin_rate=Decimal(1) / 30,
    )


def hours(rows: int) -> TimeArray:
    """The opens of `rows` hourly bars from a Monday on, Monday to Friday."""
    every = MONDAY + np.arange(rows * 7 // 5 + 48) * np.timedelta64(1, "h")
    weekday = (every.astype("datetime64[D]").astype(np.int64) + 3) % 7
    return every[weekday < 5][:rows]


def walk(rows: int, *, seed: int = 1, name: str = "EURUSD", price: float = 1.1, **altered: Any) -> BarWindow:
    rng = np.random.default_rng(seed)
    close = price * np.exp(np.cumsum(rng.standard_normal(rows) * 1e-3))
    opened = np.append([price], close[:-1])
    wick = np.abs(rng.standard_normal((2, rows))) * 5e-4 * price
    spread = 1e-4 * price * rng.uniform(0.5, 1.5, rows)
    bid = {
        "bid_open": opened,
        "bid_high": np.maximum(opened, close) + wick[0],
        "bid_low": np.minimum(opened, close) - wick[1],
        "bid_close": close,
    }
    ask = {side.replace("bid", "ask"): values + spread for side, values in bid.items()}
    arrays = {"open_at": hours(rows), "volume": np.full(rows, np.nan)} | bid | ask | altered
    return BarWindow(instrument=name, timeframe=Timeframe.H1, **arrays)


def made(window: BarWindow, **how: Any) -> TrainingMarket:
    asked: dict[str, Any] = {
        "feature_set": CORE,
        "conversion": None,
        "account_currency": "USD",
        "spec": spec(window.instrument),
    }
    return market.build(window, **(asked | how))


def terms(name: str = "EURUSD", **how: Any) -> Terms:
    asked: dict[str, Any] = {
        "max_lots": Decimal(1),
        "stop_atr": Decimal(3),
        "start_equity": Decimal(100_000),
        "rule": RULE,
    }
    return market.terms_for(spec(name), **(asked | how))
