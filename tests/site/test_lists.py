from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from django.test import Client
from django.urls import reverse

from apps.marketdata import instruments, quotes
from apps.marketdata.domain.quote import Quote
from tests.site import rows


def test_a_position_is_marked_at_the_price_that_would_close_it(
    sign_in: Callable[[str], Client], desk: rows.Desk, valkey: str
) -> None:
    instruments.forget()
    now = datetime.now(UTC)
    quote = Quote(instrument="EURUSD", bid=Decimal("1.0825"), ask=Decimal("1.0827"), quote_at=now)
    quotes.shelf().put([quote])
    page = sign_in("viewer").get(reverse("admin:portfolio_position_changelist")).content.decode()
    assert "1.0825" in page
    assert "+125.00" in page  # half a lot of 100,000, 25 ten-thousandths up


def test_a_position_without_a_fresh_quote_says_so(
    sign_in: Callable[[str], Client], desk: rows.Desk, valkey: str
) -> None:
    page = sign_in("viewer").get(reverse("admin:portfolio_position_changelist")).content.decode()
    assert "no fresh quote" in page


def test_a_signal_leads_to_the_orders_of_its_agent(sign_in: Callable[[str], Client], desk: rows.Desk) -> None:
    page = reverse("admin:portfolio_order_changelist")
    found = sign_in("viewer").get(page, {"source": desk.agent.source})
    assert found.status_code == 200
    assert [order.source for order in found.context["cl"].result_list] == [desk.agent.source]
