"""What the venue says an account is worth is kept beside our own reckoning, never in another money."""

from datetime import timedelta
from decimal import Decimal

from apps.portfolio import books, ledger
from apps.portfolio.domain.book import AccountView
from tests.portfolio.factories import NOW


def tell(equity: str, *, currency: str = "USD", seconds: int = 0) -> bool:
    at = NOW + timedelta(seconds=seconds)
    return ledger.told_equity(account="paper-1", equity=Decimal(equity), currency=currency, at=at)


def known() -> Decimal | None:
    return books.account("paper-1").venue_equity


def test_nothing_is_known_until_the_venue_tells(account: AccountView) -> None:
    assert known() is None
    assert tell("99000.5")
    assert known() == Decimal("99000.5")


def test_the_newer_of_two_readings_stays_whichever_comes_last(account: AccountView) -> None:
    assert tell("90000", seconds=5)
    assert not tell("99000", seconds=4)
    assert not tell("99000", seconds=5)
    assert known() == 90_000


def test_equity_in_another_currency_or_without_a_number_is_not_kept(account: AccountView) -> None:
    assert not tell("90000", currency="EUR")
    assert not tell("NaN")
    assert known() is None


def test_a_corrected_currency_forgets_what_was_told_in_the_old_one(account: AccountView) -> None:
    tell("90000")
    ledger.open_account(slug="paper-1", currency="USD", name="renamed", leverage=Decimal(30))
    assert known() == 90_000
    ledger.open_account(slug="paper-1", currency="EUR", leverage=Decimal(30))
    assert known() is None


def test_a_book_has_it_where_its_document_does(account: AccountView) -> None:
    book = {"slug": "a", "currency": "USD", "cash": "1", "leverage": "1", "hedging": False, "enabled": True}
    book |= {"entries_blocked": "", "owner": "desk", "venue": "", "pack": "professional"}
    document = book | {"positions": None, "orders": None}
    assert books.book_of(document).account.venue_equity is None
    assert books.book_of(document | {"venue_equity": "0.1"}).account.venue_equity == Decimal("0.1")
