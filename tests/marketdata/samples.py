"""Sound bars, quotes and instruments to start from."""

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np

from apps.marketdata.domain.arrays import to_datetime64, window_of
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote

MONDAY = datetime(2024, 3, 4, tzinfo=UTC)


def spec(name: str, base: str, quote: str, tick: str) -> InstrumentSpec:
    return InstrumentSpec(
        name=name,
        base_currency=base,
        quote_currency=quote,
        contract_size=Decimal(100_000),
        tick_size=Decimal(tick),
        lot_step=Decimal("0.01"),
        lot_min=Decimal("0.01"),
        lot_max=Decimal(100),
        margin_rate=Decimal(1) / 30,
    )


EURUSD = spec("EURUSD", "EUR", "USD", "0.00001")
XAUUSD = spec("XAUUSD", "XAU", "USD", "0.01")


def bars(
    count: int,
    *,
    first: datetime = MONDAY,
    timeframe: Timeframe = Timeframe.M1,
    instrument: str = "EURUSD",
    seed: int = 0,
) -> BarWindow:
    """Make sound bars without gaps: a random walk with a spread of 0.0002."""
    rng = np.random.default_rng(seed)
    closes = 1.1 * np.exp(np.cumsum(rng.normal(0, 1e-4, count)))
    opens = np.concatenate([[1.1], closes[:-1]])
    reach = np.abs(rng.normal(0, 5e-5, (2, count)))
    highs, lows = np.maximum(opens, closes) + reach[0], np.minimum(opens, closes) - reach[1]
    bid = np.stack([opens, highs, lows, closes])
    values = np.vstack([bid, bid + 0.0002, rng.integers(1, 100, count).astype(float)[None]])
    times = to_datetime64(first) + np.arange(count) * np.timedelta64(timeframe.minutes * 60_000_000, "us")
    return window_of(instrument, timeframe, times, values)


def quote(name: str = "EURUSD", *, bid: str = "1.1", ask: str = "1.1002", at: datetime = MONDAY) -> Quote:
    return Quote(instrument=name, bid=Decimal(bid), ask=Decimal(ask), quote_at=at)
