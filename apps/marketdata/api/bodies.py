"""What REST and sockets send of markets: one shape each."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from django.utils import timezone

from apps.edges.shapes import amount, instant
from apps.marketdata import calendar, clock, history, instruments, quotes
from apps.marketdata.api import days
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.marketdata.errors import NoHistory, StoreUnavailable

Body = dict[str, Any]


def clock_body() -> Body:
    """Return both times, and which market the desk clock follows. Raise BadData on a broken clock file."""
    anchor = clock.anchor()
    return {
        "desk_at": instant(clock.desk_now()),
        "wall_at": instant(timezone.now()),
        "speed": clock.speed(),
        "market": anchor.market if anchor else "real",
        "ended": bool(anchor and anchor.ended),
        "epoch": anchor.epoch if anchor else 0,
    }


def instrument_bodies() -> list[Body]:
    """Return every registered instrument by name. Raise StoreUnavailable, BadData."""
    now = clock.desk_now()
    return [_instrument(spec, now) for _, spec in sorted(instruments.specs().items())]


def _instrument(spec: InstrumentSpec, now: datetime) -> Body:
    return {
        "name": spec.name,
        "base_currency": spec.base_currency,
        "quote_currency": spec.quote_currency,
        "contract_size": amount(spec.contract_size),
        "tick_size": amount(spec.tick_size),
        "digits": digits(spec),
        "lot_step": amount(spec.lot_step),
        "lot_min": amount(spec.lot_min),
        "lot_max": amount(spec.lot_max),
        "is_open": calendar.is_open(spec.name, at=now),
    }


def digits(spec: InstrumentSpec) -> int:
    """Return how many decimals a price has."""
    exponent = spec.tick_size.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def quote_bodies(names: Iterable[str] | None = None) -> list[Body]:
    """Return the latest quote of each instrument (of all, or of these), with its age in desk seconds.

    One that has no quote yet is stale and has no prices. Raise StoreUnavailable, BadData.
    """
    specs = instruments.specs()
    wanted = sorted(specs if names is None else set(names) & set(specs))
    now = clock.desk_now()
    held, fresh = quotes.latest(wanted), quotes.fresh(wanted, now=now)
    return [_quote(specs[name], held.get(name), stale=name not in fresh, now=now) for name in wanted]


def quote_body(name: str) -> Body:
    """Return one instrument's quote. Raise UnknownInstrument, StoreUnavailable, BadData."""
    instruments.spec(name)
    (body,) = quote_bodies([name])
    return body


def _quote(spec: InstrumentSpec, quote: Quote | None, *, stale: bool, now: datetime) -> Body:
    opened = _opening(spec, now)
    change = float(quote.mid / opened - 1) if quote and opened and not quote.is_crossed else None
    return {
        "instrument": spec.name,
        "bid": amount(quote.bid) if quote else None,
        "ask": amount(quote.ask) if quote else None,
        "spread": amount(quote.spread) if quote else None,
        "quote_at": instant(quote.quote_at) if quote else None,
        "age_s": round(max(0.0, quote.age(now).total_seconds()), 3) if quote else None,
        "stale": stale,
        "day_open": amount(opened),
        "day_change": change,
    }


def _opening(spec: InstrumentSpec, now: datetime) -> Decimal | None:
    """Return the day's open; a store that does not answer takes away this figure, not the quote."""
    try:
        return days.opening(spec.name, now=now, tick=spec.tick_size)
    except StoreUnavailable:
        return None


def bars_body(
    instrument: str, timeframe: Timeframe, *, limit: int = 500, before: datetime | None = None
) -> Body:
    """Return the newest `limit` closed bars, oldest first; those closed by `before` where given.

    Raise UnknownInstrument, StoreUnavailable, BadData.
    """
    spec = instruments.spec(instrument)
    until = clock.desk_now() if before is None else min(before, clock.desk_now())
    try:
        window = history.window(instrument, timeframe, until=until, count=limit)
        rows = bar_rows(window, places=digits(spec))
    except NoHistory:
        rows = []
    return {"instrument": instrument, "timeframe": timeframe.value, "digits": digits(spec), "bars": rows}


def bar_rows(window: BarWindow, *, places: int) -> list[list[Any]]:
    """Return [open in epoch seconds, open, high, low, close, volume, spread] of each bar that has all sides.

    Prices are mids, which may have half a tick: one decimal more than a quote. The spread is the close's.
    """
    mids = np.stack([window.mid(part) for part in ("open", "high", "low", "close")], axis=1)
    spreads = window.ask_close - window.bid_close
    opened = window.open_at.astype("datetime64[s]").astype(np.int64)
    known = np.isfinite(mids).all(axis=1) & np.isfinite(spreads)
    price = f"{{:.{places + 1}f}}".format
    return [
        [at, *map(price, prices), volume, price(spread)]
        for at, prices, volume, spread in zip(
            opened[known].tolist(),
            mids[known].tolist(),
            np.nan_to_num(window.volume[known]).tolist(),
            spreads[known].tolist(),
            strict=True,
        )
    ]
