from decimal import Decimal

import pytest

from apps.marketdata import ingestion
from apps.portfolio import ledger
from apps.portfolio.domain.book import AccountView
from tests.portfolio.factories import spec


@pytest.fixture
def account(db: None) -> AccountView:
    """A USD account without money, and instruments to trade."""
    return open_account()


@pytest.fixture
def committed(transactional_db: None) -> AccountView:
    """The same account, committed: for tests in which several connections meet."""
    return open_account()


def open_account() -> AccountView:
    names = ("EURUSD", "GBPUSD", "USDJPY", "XAUUSD")
    ingestion.register(source="test", specs=[(name, spec(name)) for name in names])
    return ledger.open_account(slug="paper-1", currency="USD", leverage=Decimal(30))
