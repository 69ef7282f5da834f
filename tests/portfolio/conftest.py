from decimal import Decimal

import pytest

from apps.marketdata import ingestion
from apps.portfolio import ledger
from apps.portfolio.domain.book import AccountView
from tests.portfolio.factories import spec


@pytest.fixture
def account(transactional_db: None) -> AccountView:
    """An account whose rows really are committed: doors take locks and open transactions of their own."""
    names = ("EURUSD", "GBPUSD", "USDJPY", "XAUUSD")
    ingestion.register(source="test", specs=[(name, spec(name)) for name in names])
    return ledger.open_account(slug="paper-1", currency="USD", leverage=Decimal(30))
