"""The latest price of an instrument, as Decimal: an order may touch it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Best bid and ask. `quote_at` is the venue's event time on the desk clock, in UTC.

    The rest tells how usual the quote is, where the shelf of latest quotes knows: beyond `widest_spread` (in
    price units) a spread is far from its usual one; `jump` is the last move beyond the band, as a share of
    the price, and until `unsteady_until` (desk time) nobody enters on it.
    """

    instrument: str
    bid: Decimal
    ask: Decimal
    quote_at: datetime
    widest_spread: Decimal | None = field(default=None, compare=False)
    jump: Decimal | None = field(default=None, compare=False)
    unsteady_until: datetime | None = field(default=None, compare=False)

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
