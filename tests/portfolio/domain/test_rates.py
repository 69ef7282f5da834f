from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.domain.rates import NoRate, convert
from tests.portfolio.factories import quote

QUOTES = {
    "EURUSD": quote("EURUSD", "1.10", "1.12"),
    "USDJPY": quote("USDJPY", "150", "160"),
    "GBPUSD": quote("GBPUSD", "0", "1.3"),
}


@pytest.mark.parametrize(
    ("amount", "source", "target", "expected"),
    [
        ("100", "USD", "USD", "100"),
        ("100", "EUR", "USD", "110"),
        ("-100", "EUR", "USD", "-112"),
        ("160", "JPY", "USD", "1"),
        ("-150", "JPY", "USD", "-1"),
        ("100", "EUR", "JPY", "16500"),
        ("-100", "EUR", "JPY", "-17920"),
    ],
)
def test_the_worse_side_gives_less_and_takes_more(
    amount: str, source: str, target: str, expected: str
) -> None:
    assert convert(Decimal(amount), source=source, target=target, quotes=QUOTES) == Decimal(expected)


def test_at_mid_both_directions_use_one_price() -> None:
    for amount in (Decimal(100), Decimal(-100)):
        assert convert(amount, source="EUR", target="USD", quotes=QUOTES, side="mid") == amount * Decimal(
            "1.11"
        )


@pytest.mark.parametrize(("source", "target"), [("CHF", "USD"), ("GBP", "USD"), ("EUR", "CHF")])
def test_m16_without_a_usable_rate_there_is_no_number(source: str, target: str) -> None:
    with pytest.raises(NoRate):
        convert(Decimal(0), source=source, target=target, quotes=QUOTES)


@given(st.integers(-(10**9), 10**9), st.sampled_from(["EUR", "JPY", "USD"]), st.sampled_from(["EUR", "JPY"]))
def test_worse_is_never_better_than_mid(cents: int, source: str, target: str) -> None:
    amount = Decimal(cents) / 100
    worse = convert(amount, source=source, target=target, quotes=QUOTES)
    assert worse <= convert(amount, source=source, target=target, quotes=QUOTES, side="mid") + Decimal(
        "1e-15"
    )
