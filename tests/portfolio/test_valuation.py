from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.conf import settings

from apps.marketdata import clock, quotes
from apps.marketdata.domain.quote import Quote
from apps.portfolio import ledger, valuation
from apps.portfolio.domain.book import AccountView
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.report import CashMovement
from apps.portfolio.errors import UnknownAccount
from apps.portfolio.models import EquitySnapshot
from apps.portfolio.tasks import snapshot as snapshot_task
from tests.portfolio.factories import NOW, fill, send, tell

pytestmark = pytest.mark.usefixtures("valkey")
D = Decimal


def price(instrument: str, bid: str, ask: str, at: datetime | None = None) -> None:
    quotes.shelf().put(
        [Quote(instrument=instrument, bid=D(bid), ask=D(ask), quote_at=at or clock.desk_now())]
    )


@pytest.fixture
def holder(account: AccountView) -> str:
    """An account with 100,000 USD that bought one lot at 1.1."""
    deposit = CashMovement(movement_id="m1", amount=D(100_000), moved_at=NOW)
    ledger.book_external(account="paper-1", cash=[deposit])
    tell(send(), OrderStatus.FILLED, fill(price=D("1.1"), commission=D(-3)))
    return account.slug


def test_a_snapshot_keeps_what_the_account_is_worth(holder: str) -> None:
    price("EURUSD", "1.11", "1.13")
    value = valuation.snapshot(holder)
    assert value is not None
    assert (value.cash, value.open_profit, value.equity) == (D(99_997), D(1000), D(100_997))
    assert (value.gross, value.margin_used) == (D(112_000), D(5600))
    row = EquitySnapshot.objects.get()
    assert (row.equity, row.desk_at) == (value.equity, value.desk_at)


@pytest.mark.parametrize("age", [None, timedelta(seconds=settings.MTQ_QUOTE_STALE_AFTER_S + 60)])
def test_i8_without_a_fresh_price_there_is_no_worth(holder: str, age: timedelta | None) -> None:
    if age is not None:
        price("EURUSD", "1.11", "1.13", clock.desk_now() - age)
    assert valuation.snapshot(holder) is None
    assert not EquitySnapshot.objects.exists()


def test_an_account_that_holds_nothing_needs_no_price(account: AccountView) -> None:
    value = valuation.snapshot("paper-1")
    assert value is not None
    assert value.equity == 0


def test_the_beat_values_every_enabled_account(holder: str) -> None:
    ledger.open_account(slug="paper-2", currency="USD")
    snapshot_task()
    assert [row.account.slug for row in EquitySnapshot.objects.all()] == ["paper-2"]


def test_there_is_nothing_to_value_where_no_account_is(account: AccountView) -> None:
    with pytest.raises(UnknownAccount):
        valuation.snapshot("nobody")
