from decimal import Decimal

import pytest

from apps.portfolio import ledger
from apps.portfolio.domain.book import AccountView


@pytest.fixture
def account(transactional_db: None) -> AccountView:
    """An account whose rows really are committed: doors take locks and open transactions of their own."""
    return ledger.open_account(slug="paper-1", currency="USD", leverage=Decimal(30))
