from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.edges import figures, tables


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0.5000000000", "0.5"),
        ("100.0000000000", "100"),
        ("0E-10", "0"),
        ("-1.2500", "-1.25"),
        ("1E+3", "1000"),
    ],
)
def test_a_quantity_loses_only_the_zeros_of_its_column(value: str, shown: str) -> None:
    assert figures.plain(Decimal(value)) == shown


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=10))
def test_no_quantity_changes_by_being_shown(value: Decimal) -> None:
    assert Decimal(figures.plain(value)) == value


def test_a_profit_shows_its_sign_and_not_only_a_colour() -> None:
    assert "+1,234.50" in figures.gain(Decimal("1234.5"))
    assert "-3.20" in figures.gain(Decimal("-3.2"))


def test_what_is_missing_is_a_dash() -> None:
    shown = {
        figures.money(None),
        figures.plain(None),
        figures.gain(None),
        figures.share(None),
        figures.moment(None),
    }
    assert shown == {figures.NONE}


def test_a_breach_is_a_row_with_value_and_limit() -> None:
    shown = str(
        tables.breaches([{"check": "gross", "value": "12", "limit": "10", "text": "<b>too much</b>"}])
    )
    assert "gross" in shown
    assert "&lt;b&gt;too much" in shown


def test_no_breach_is_a_dash() -> None:
    assert tables.breaches([]) == figures.NONE


@pytest.mark.parametrize(
    ("computed", "shown"),
    [
        ("8241.041155234657", "8,241.04"),
        ("0.0800000000", "0.08"),
        ("2.750559761729", "2.75056"),
        ("1E+2", "100"),
        ("0.00000012345", "1.23e-7"),
        ("20180814T120000", "20180814T120000"),
        ("83506058627524069052", "83506058627524069052"),
        ("1234e5678", "1234e5678"),
    ],
)
def test_what_was_computed_is_rounded_and_an_id_never_is(computed: str, shown: str) -> None:
    assert figures.readable(computed) == shown


def test_a_mapping_inside_a_table_reads_as_words() -> None:
    assert (
        tables.text_of({"caps": {"fixed_fractional": "2.7505597617"}}, "caps") == "fixed_fractional 2.75056"
    )
