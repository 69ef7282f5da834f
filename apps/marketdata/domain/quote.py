"""The latest price of an instrument, as Decimal: an order may touch it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Best bid and ask. `quote_at` is the venue's event time on the desk clock, in UTC."""

    instrument: str
    bid: Decimal
    ask: Decimal
    quote_at: datetime

    @property
    def mid(self) -> Decimal:
        return (self.bid + self.ask) / 2

    @property
    def spread(self) -> Decimal:
        return self.ask - self.bid

    @property
    def is_crossed(self) -> bool:
        return self.bid > self.ask

    def age(self, now: datetime) -> timedelta:
        return now - self.quote_at
