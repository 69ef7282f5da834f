"""How quotes and bars are written into stream entries, and read again."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import numpy as np

from apps.marketdata.domain.arrays import from_us, to_us, values_of, window_of
from apps.marketdata.domain.bar import COLUMNS, BarWindow, Timeframe
from apps.marketdata.domain.quote import Quote
from apps.marketdata.errors import BadData


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotesEntry:
    quotes: tuple[Quote, ...]
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsEntry:
    window: BarWindow
    origin: str


def pack_quotes(quotes: Iterable[Quote], *, received_at: datetime) -> dict[str, bytes]:
    body = [[quote.instrument, to_us(quote.quote_at), str(quote.bid), str(quote.ask)] for quote in quotes]
    return {"quotes": json.dumps(body).encode(), "received": str(to_us(received_at)).encode()}


def pack_bars(window: BarWindow, *, origin: str) -> dict[str, bytes]:
    head = {"instrument": window.instrument, "timeframe": window.timeframe.value, "origin": origin}
    opens = window.open_at.astype("datetime64[us]").astype("<i8")
    return {
        "bars": json.dumps(head).encode(),
        "opens": opens.tobytes(),
        "values": values_of(window).astype("<f8").tobytes(),
    }


def unpack(fields: Mapping[bytes, bytes]) -> QuotesEntry | BarsEntry:
    """Read an entry. Raise BadData where it is none of ours."""
    try:
        return _quotes(fields) if b"quotes" in fields else _bars(fields)
    except (KeyError, ValueError, TypeError, ArithmeticError) as error:
        raise BadData(f"a stream entry cannot be read: {error!r}") from error


def _quotes(fields: Mapping[bytes, bytes]) -> QuotesEntry:
    quotes = tuple(
        Quote(instrument=name, bid=Decimal(bid), ask=Decimal(ask), quote_at=from_us(at))
        for name, at, bid, ask in json.loads(fields[b"quotes"])
    )
    return QuotesEntry(quotes=quotes, received_at=from_us(int(fields[b"received"])))


def _bars(fields: Mapping[bytes, bytes]) -> BarsEntry:
    head = json.loads(fields[b"bars"])
    opens = np.frombuffer(fields[b"opens"], dtype="<i8").astype("datetime64[us]")
    values = np.frombuffer(fields[b"values"], dtype="<f8").reshape(len(COLUMNS), len(opens))
    window = window_of(head["instrument"], Timeframe(head["timeframe"]), opens, values)
    return BarsEntry(window=window, origin=head["origin"])
