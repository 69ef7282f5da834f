"""Bars as a market to learn on: what is seen at each closed bar and at what prices it can be traded.

Row t is a closed bar. What is decided on it is filled at the opening prices of row t + 1 and marked at the
closing prices of that row, so nothing of row t + 1 is seen when it is traded.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from apps.agents.errors import HardFaults, TooLittleData
from apps.agents.learning import calendar
from apps.agents.learning.prices import label_of, rates, uncrossed, with_ask, yearly_volatility
from apps.agents.learning.terms import PAPER_CAPS, PAPER_LOSSES, Caps, Terms, terms_for
from apps.marketdata.domain import quality
from apps.marketdata.domain.bar import BarWindow, FloatArray, TimeArray
from apps.marketdata.domain.features import FeatureSet, compute
from apps.marketdata.domain.indicators.volatility import average_true_range
from apps.marketdata.domain.instrument import InstrumentSpec

__all__ = ["PAPER_CAPS", "PAPER_LOSSES", "Caps", "Terms", "TrainingMarket", "build", "terms_for"]

FEWEST_ROWS = 500  # bars after the look-back; on less a network learns the noise by heart
ATR_ROWS = 14


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingMarket:
    """n closed bars, oldest first; all arrays but `features` (n, f) have shape (n,), prices in price units.

    `rate` turns the quote currency into the account's at the close; `nights` is how many nights of swap
    fall on a position held from a bar's open to the next one's (three on Wednesdays); `day` numbers the
    desk's days, which end at 17:00 New York. `volatility` is the yearly one known at the close (NaN where
    history is short), `average_range` the mean true range of 14 bars.
    """

    instrument: str
    timeframe: str
    columns: tuple[str, ...]
    features: FloatArray
    open_at: TimeArray
    open_bid: FloatArray
    open_ask: FloatArray
    close_bid: FloatArray
    close_ask: FloatArray
    rate: FloatArray
    nights: FloatArray
    day: NDArray[np.int64]
    volatility: FloatArray
    average_range: FloatArray
    spread_label: str
    data_hash: str = ""

    def __len__(self) -> int:
        return len(self.open_at)

    def part(self, first: int, last: int) -> "TrainingMarket":
        """Return the rows [first, last) as a market of their own."""
        rows = {name: getattr(self, name)[first:last] for name in ("features", *_ROWS)}
        return hashed(replace(self, **rows))


_ROWS = (
    "open_at",
    "open_bid",
    "open_ask",
    "close_bid",
    "close_ask",
    "rate",
    "nights",
    "day",
    "volatility",
    "average_range",
)


def build(
    window: BarWindow,
    *,
    feature_set: FeatureSet,
    conversion: BarWindow | None,
    account_currency: str,
    spec: InstrumentSpec,
    since: datetime | None = None,
    fewest: int = FEWEST_ROWS,
    spread_label: str = "recorded",
) -> TrainingMarket:
    """Make a market of bars; the first `warmup` rows, and those that open before `since`, only look back.

    Missing asks come from the table of assumed spreads, and the label says so. `conversion` are bars that
    turn the quote currency into the account's, where the instrument itself cannot. Raise HardFaults for
    bars that are not fit, naming the first; TooLittleData when fewer than `fewest` rows are left.
    """
    refuse_faults(window, allows_negative=spec.allows_negative_price)
    first = _first_row(window, feature_set, since)
    if len(window) - first < fewest:
        raise _too_little(window, needed=first + fewest)
    label = label_of(window, recorded=spread_label)
    whole = with_ask(window, digits=-int(spec.tick_size.normalize().as_tuple().exponent))
    features = compute(whole, feature_set)
    high, low, close = whole.mid("high"), whole.mid("low"), whole.mid("close")
    open_bid, open_ask = uncrossed(whole.bid_open, whole.ask_open)
    close_bid, close_ask = uncrossed(whole.bid_close, whole.ask_close)
    market = TrainingMarket(
        instrument=window.instrument,
        timeframe=window.timeframe.value,
        columns=feature_set.columns,
        features=features,
        open_at=whole.open_at,
        open_bid=open_bid,
        open_ask=open_ask,
        close_bid=close_bid,
        close_ask=close_ask,
        rate=rates(whole, conversion, spec=spec, account_currency=account_currency),
        nights=calendar.nights(whole.open_at, whole.timeframe),
        day=calendar.trading_days(whole.open_at),
        volatility=yearly_volatility(whole.open_at, close, whole.timeframe),
        average_range=average_true_range(high, low, close, ATR_ROWS),
        spread_label=label,
    ).part(first, len(window))
    _refuse_blind(market)
    return market


def refuse_faults(window: BarWindow, *, allows_negative: bool) -> None:
    """Raise HardFaults when any bar could not have been a market's: NaN, not positive, high below low."""
    fault = next(quality.hard_faults(window, allows_negative=allows_negative), None)
    if fault is not None:
        at = np.datetime_as_string(window.open_at[fault.row], unit="m")
        raise HardFaults(f"{window.instrument} row {fault.row} ({at}Z): {fault.detail}")


def _first_row(window: BarWindow, feature_set: FeatureSet, since: datetime | None) -> int:
    first = max(feature_set.warmup, ATR_ROWS)
    if since is None:
        return first
    moment = np.datetime64(since.replace(tzinfo=None), "us")
    return max(first, int(np.searchsorted(window.open_at, moment)))


def _too_little(window: BarWindow, *, needed: int) -> TooLittleData:
    text = f"{window.instrument} has {len(window):,} bars of {window.timeframe}, {needed:,} are needed"
    return TooLittleData(text, needed=needed, there=len(window))


def _refuse_blind(market: TrainingMarket) -> None:
    blind = np.flatnonzero(~np.isfinite(market.features).all(axis=1))
    if blind.size:
        column = market.columns[int(np.argmin(np.isfinite(market.features[blind[0]])))]
        at = np.datetime_as_string(market.open_at[blind[0]], unit="m")
        raise HardFaults(f"{market.instrument} at {at}Z: {column} is not a finite number")


def hashed(market: TrainingMarket) -> TrainingMarket:
    """Return the market with the hash of what is in it."""
    digest = hashlib.sha256()
    names = (market.instrument, market.timeframe, *market.columns, market.spread_label)
    digest.update("\x1f".join(names).encode())
    for name in ("features", *_ROWS):
        array = getattr(market, name)
        digest.update(f"{name}{array.shape}".encode())
        plain = array.astype("datetime64[us]").astype("<i8") if name == "open_at" else array
        digest.update(np.ascontiguousarray(plain).tobytes())
    return replace(market, data_hash=digest.hexdigest())
