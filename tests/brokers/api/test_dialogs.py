"""The staff's dialogs: an order taken back, a position closed, each by its right and through its door."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from apps.brokers.models import BrokerConnection
from apps.portfolio.models import AuditEntry, Order, Position
from tests.brokers.api.conftest import Browser
from tests.brokers.api.test_taking_back import approved
from tests.risk.desk import Desk

SignIn = Callable[..., Browser]
REASON = "the news is out in a minute"


def send(browser: Browser, name: str, pk: int, **fields: str) -> tuple[int, str]:
    """Send a dialog that is filled in; return the status and what the next page says."""
    page = reverse(f"admin:{name}", args=(pk,))
    answer = browser.client.post(page, {"_form_submitted": "True", **fields}, follow=True)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize(
    ("role", "status", "stands"), [("viewer", 403, "approved"), ("trader", 200, "cancelled")]
)
def test_an_order_is_taken_back(desk: Desk, sign_in: SignIn, role: str, status: int, stands: str) -> None:
    approved(desk)
    order = Order.objects.get()
    answered, _ = send(sign_in(role), "portfolio_order_cancel", order.pk)
    order.refresh_from_db()
    assert (answered, order.status) == (status, stands)


def test_what_has_ended_is_said(desk: Desk, sign_in: SignIn) -> None:
    desk.ask("50")
    _, page = send(sign_in("trader"), "portfolio_order_cancel", Order.objects.get().pk)
    assert "The order is denied and was not cancelled." in page


def close(browser: Browser, **fields: str) -> tuple[int, str]:
    connection = BrokerConnection.objects.get()
    return send(browser, "brokers_brokerconnection_close", connection.pk, **fields)


def test_a_position_is_closed_with_a_reason(desk: Desk, sign_in: SignIn) -> None:
    desk.hold("0.5")
    trader, position = sign_in("trader"), Position.objects.get(source="")
    status, page = close(trader, position=str(position.pk), reason=REASON)
    order = Order.objects.latest("id")
    assert status == 200
    assert "0.5 lots of EURUSD is on its way" in page
    assert (order.source, order.side, order.reduce_only) == (f"user:{trader.user.pk}", "sell", True)
    assert AuditEntry.objects.get(kind="order.reason").payload["reason"] == REASON


def test_without_a_reason_or_the_right_nothing_is_closed(desk: Desk, sign_in: SignIn) -> None:
    desk.hold("0.5")
    position = str(Position.objects.get(source="").pk)
    close(sign_in("trader"), position=position, reason="")
    status, _ = close(sign_in("quant"), position=position, reason=REASON)
    assert status == 403
    assert Order.objects.count() == 1


def test_what_is_on_its_way_out_is_not_closed_twice(desk: Desk, sign_in: SignIn) -> None:
    desk.hold("0.5")
    trader, position = sign_in("trader"), str(Position.objects.get(source="").pk)
    close(trader, position=position, reason=REASON)
    _, page = close(trader, position=position, reason=REASON)
    assert "may close 0" in page
    assert Order.objects.filter(status="approved").count() == 1
