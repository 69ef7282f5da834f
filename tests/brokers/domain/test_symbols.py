"""A doubt about a symbol is a refusal, never a guess."""

import pytest

from apps.brokers.domain.symbols import Offered, resolve, resolve_all


def offered(*names: str) -> list[Offered]:
    return [Offered(symbol=name) for name in names]


@pytest.mark.parametrize(
    ("instrument", "listed", "alias", "symbol"),
    [
        ("EURUSD", ("EURUSD", "EURUSD.a"), "", "EURUSD"),
        ("EURUSD", ("EURUSD.a", "GBPUSD.a"), "", "EURUSD.a"),
        ("EURUSD", ("EURUSD", "EURUSD.a"), "EURUSD.a", "EURUSD.a"),
        ("XAUUSD", ("GOLD", "XAUUSD.x"), "", "GOLD"),
        ("US30", ("#US30",), "", "#US30"),
    ],
)
def test_exact_then_alias_then_pattern(
    instrument: str, listed: tuple[str, ...], alias: str, symbol: str
) -> None:
    choice = resolve(instrument, offered(*listed), alias=alias)
    assert choice is not None
    assert (choice.symbol, choice.refusal) == (symbol, "")


@pytest.mark.parametrize(
    ("listed", "alias", "words"),
    [
        (offered("EURUSD.a", "EURUSDpro"), "", "several"),
        (offered("EURUSD"), "EUR_USD", "does not list"),
        ([Offered(symbol="EURUSD", complaint="the venue does not say trade_contract_size")], "", "contract"),
        ([Offered(symbol="EURUSD", currency_base="EUR", currency_profit="CHF")], "", "EURCHF"),
    ],
)
def test_doubt_is_refused(listed: list[Offered], alias: str, words: str) -> None:
    choice = resolve("EURUSD", listed, alias=alias)
    assert choice is not None
    assert (choice.symbol, words in choice.refusal) == ("", True)


def test_what_the_venue_does_not_have_is_left_out() -> None:
    assert resolve("EURUSD", offered("GBPUSD")) is None


def test_one_symbol_never_serves_two_instruments() -> None:
    choices = resolve_all(["XAUUSD", "METAL"], offered("GOLD"), aliases={"METAL": "GOLD"}, adopt_rest=False)
    assert [(c.instrument, c.symbol) for c in choices] == [("XAUUSD", "GOLD"), ("METAL", "")]


def test_a_paper_venues_other_symbols_are_instruments_of_their_own_name() -> None:
    choices = resolve_all(["EURUSD"], offered("EURUSD", "DE30EUR"), aliases={}, adopt_rest=True)
    assert [choice.symbol for choice in choices] == ["EURUSD", "DE30EUR"]
