"""The market that the benchmarks of learning step on: a walk of hourly bars with a spread, from a seed."""

import sys
from decimal import Decimal
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from apps.agents.learning.market import Terms, TrainingMarket, build, terms_for  # noqa: E402
from apps.marketdata.domain.bar import BarWindow, Timeframe  # noqa: E402
from apps.marketdata.domain.features import FEATURE_SETS  # noqa: E402
from apps.marketdata.domain.instrument import InstrumentSpec  # noqa: E402
from apps.risk.domain.sizing import Rule  # noqa: E402

ROWS = 20_000
SPEC = InstrumentSpec(
    name="EURUSD",
    base_currency="EUR",
    quote_currency="USD",
    contract_size=Decimal(100_000),
    tick_size=Decimal("0.00001"),
    lot_step=Decimal("0.01"),
    lot_min=Decimal("0.01"),
    lot_max=Decimal(100),
    margin_rate=Decimal(1) / 30,
)


def bars() -> BarWindow:
    rng = np.random.default_rng(1)
    close = 1.1 * np.exp(np.cumsum(rng.standard_normal(ROWS) * 1e-3))
    opened = np.append([1.1], close[:-1])
    wick = np.abs(rng.standard_normal((2, ROWS))) * 5e-4
    spread = 1e-4 * rng.uniform(0.5, 1.5, ROWS)
    bid = {
        "bid_open": opened,
        "bid_high": np.maximum(opened, close) + wick[0],
        "bid_low": np.minimum(opened, close) - wick[1],
        "bid_close": close,
    }
    return BarWindow(
        instrument=SPEC.name,
        timeframe=Timeframe.H1,
        open_at=np.datetime64("2024-01-01T00:00", "us") + np.arange(ROWS) * np.timedelta64(1, "h"),
        volume=np.full(ROWS, np.nan),
        **bid,
        **{side.replace("bid", "ask"): prices + spread for side, prices in bid.items()},
    )


def market() -> TrainingMarket:
    return build(
        bars(), feature_set=FEATURE_SETS["core-1"], conversion=None, account_currency="USD", spec=SPEC
    )


def terms() -> Terms:
    rule = Rule(
        source="agent:*",
        risk_fraction=Decimal("0.01"),
        target_volatility=Decimal("0.05"),
        assumed_stop=Decimal("0.02"),
    )
    return terms_for(SPEC, max_lots=Decimal(1), stop_atr=Decimal(3), start_equity=Decimal(100_000), rule=rule)
