from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.marketdata.samples import EURUSD

LOTS = st.decimals(0, 500, places=6)
PRICES = st.decimals("0.0001", 10, places=9)


@given(quantity=LOTS)
def test_a_quantity_is_never_rounded_up_and_lands_on_a_step(quantity: Decimal) -> None:
    floored = EURUSD.floor_quantity(quantity)
    assert 0 <= floored <= quantity
    assert quantity - floored < max(EURUSD.lot_step, EURUSD.lot_min)
    assert EURUSD.fits_step(floored)


@given(price=PRICES, is_buy=st.booleans())
def test_a_price_never_becomes_more_aggressive(price: Decimal, is_buy: bool) -> None:
    rounded = EURUSD.passive_price(price, is_buy=is_buy)
    assert rounded <= price if is_buy else rounded >= price
    assert abs(rounded - price) < EURUSD.tick_size
    assert rounded % EURUSD.tick_size == 0
