"""What a venue says about an instrument, and the rounding that follows from it."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentSpec:
    """One tradable instrument. Quantities are lots; one lot is `contract_size` units of the base.

    `margin_rate` is the part of an order's value that the venue holds as margin (1/30 = 0.0333...).
    """

    name: str
    base_currency: str
    quote_currency: str
    contract_size: Decimal
    tick_size: Decimal
    lot_step: Decimal
    lot_min: Decimal
    lot_max: Decimal
    margin_rate: Decimal
    allows_negative_price: bool = False

    def floor_quantity(self, quantity: Decimal) -> Decimal:
        """Round a quantity in lots down to the step; below the smallest lot it is zero."""
        floored = (quantity / self.lot_step).to_integral_value(ROUND_DOWN) * self.lot_step
        return floored if abs(floored) >= self.lot_min else Decimal(0)

    def fits_step(self, quantity: Decimal) -> bool:
        return quantity % self.lot_step == 0

    def passive_price(self, price: Decimal, *, is_buy: bool) -> Decimal:
        """Round a price to the tick so that it never becomes more aggressive."""
        direction = ROUND_FLOOR if is_buy else ROUND_CEILING
        return (price / self.tick_size).to_integral_value(direction) * self.tick_size
