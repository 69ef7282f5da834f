"""What a sizer is given, and how it says that it cannot size by that."""

from dataclasses import dataclass
from decimal import Decimal

from apps.marketdata.domain.instrument import InstrumentSpec
from apps.risk.domain.sizing.trades import TradeStatistics

NOTHING = Decimal(0)


class CannotSize(Exception):  # noqa: N818 - it says what a sizer could not do
    """A sizer lacks what it needs. `reason` is the code of the denial."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class SizingInput:
    """`rate` turns the quote currency into the account's, on the worse side; prices are in quote currency.

    `average_range` is the ATR of the rule's timeframe, `trades` what the source's policy did so far.
    """

    equity: Decimal
    price: Decimal
    rate: Decimal
    spec: InstrumentSpec
    stop_distance: Decimal | None
    yearly_volatility: Decimal | None
    average_range: Decimal | None = None
    trades: TradeStatistics | None = None

    @property
    def lot_value(self) -> Decimal:
        """What one lot is worth in the account's currency."""
        return abs(self.price) * self.spec.contract_size * self.rate

    @property
    def stake(self) -> Decimal:
        """The equity that shares are taken of: never below nothing."""
        return max(NOTHING, self.equity)

    def check(self) -> None:
        """Raise CannotSize for what no size can be computed from: not finite, or zero where it divides."""
        if not self.equity.is_finite():
            raise CannotSize("bad_equity", f"an equity of {self.equity} is no number to size by")
        if not self.price.is_finite():
            raise CannotSize("bad_price", f"a price of {self.price} is no number to size by")
        if not is_positive(self.rate):
            raise CannotSize("no_rate", f"a rate of {self.rate} converts nothing")
        if not is_positive(self.spec.contract_size) or not is_positive(self.spec.lot_step):
            raise CannotSize("bad_contract", f"{self.spec.name} has no usable contract size or lot step")


def is_positive(number: Decimal | None) -> bool:
    """Tell whether a figure is there, finite and above zero."""
    return number is not None and number.is_finite() and number > 0
