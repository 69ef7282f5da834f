"""Changing a resting order over REST: one call to the door, a sentence for whatever cannot be."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.brokers.models import BrokerConnection
from apps.portfolio import books, ledger
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.report import ExecutionReport
from tests.brokers.api.conftest import Browser
from tests.brokers.api.test_sending import ticket
from tests.risk.desk import ACCOUNT, Desk

SignIn = Callable[..., Browser]


@pytest.fixture
def venue(desk: Desk) -> None:
    """A venue that has said what it can change."""
    BrokerConnection.objects.update(capabilities={"amend": ["price", "stop_loss", "take_profit"]})


def rests(trader: Browser) -> str:
    """Send a limit order of 0.20 lots, and let the venue take it."""
    answer = trader.post("orders/", ticket(type="limit", price="1.24800"))
    assert answer.status_code == 201, answer.content
    order_id: str = answer.json()["id"]
    ledger.claim(owner="test", fence=1, lease_s=5)
    ledger.apply(
        account=ACCOUNT, report=ExecutionReport(client_order_id=order_id, status=OrderStatus.ACCEPTED)
    )
    return order_id


def change(person: Browser, order_id: str, key: str = "a change", **terms: Any) -> Any:
    headers = {"Idempotency-Key": key.replace(" ", "-")}
    path = f"/api/v1/orders/{order_id}/"
    return person.client.patch(path, terms, content_type="application/json", headers=headers)


def test_a_change_is_pending_until_the_venue_answers(venue: None, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    order_id = rests(trader)
    answer = change(trader, order_id, price="1.24700", stop_loss="1.24100")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["id"], body["status"], body["revision"]) == (order_id, "replace_pending", 1)
    ledger.amend_done(order_id=order_id)
    now = trader.get(f"orders/{order_id}/").json()
    assert (now["status"], now["price"], now["stop_loss"]) == ("accepted", "1.247", "1.241")


def test_the_same_key_changes_once(venue: None, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    order_id = rests(trader)
    first, again = (change(trader, order_id, price="1.24700") for _ in range(2))
    assert again["Idempotent-Replayed"] == "true"
    assert first.json() == again.json()


def test_what_risk_denies_leaves_the_order_as_it_was(venue: None, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    order_id = rests(trader)
    answer = change(trader, order_id, stop_loss="1.10000")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/risk-denied")
    assert answer.json()["checks"]
    assert books.order(order_id).revision == 0


def test_a_connection_says_what_its_venue_can_change(venue: None, sign_in: SignIn) -> None:
    (connection,) = sign_in("viewer").get("connections/").json()
    assert connection["changeable"] == ["price", "stop_loss", "take_profit"]


def test_what_the_venue_cannot_change_is_said_so(venue: None, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    answer = change(trader, rests(trader), quantity="0.10")
    assert answer.status_code == 422
    expected = "the venue cannot change the quantity of a resting order: cancel it and send another."
    assert answer.json()["detail"] == expected


@pytest.mark.parametrize(
    "terms", [{}, {"price": 1.247}, {"price": "1.2470001"}, {"quantity": "0"}, {"side": "sell"}]
)
def test_a_change_is_read_strictly(venue: None, sign_in: SignIn, terms: dict[str, Any]) -> None:
    trader = sign_in("trader")
    assert change(trader, rests(trader), **terms).status_code == 400


def test_an_order_that_does_not_rest_cannot_be_changed(venue: None, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    order_id = trader.post("orders/", ticket(type="limit", price="1.24800")).json()["id"]
    answer = change(trader, order_id, price="1.24700")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")


def test_who_may_not_send_may_not_change(venue: None, sign_in: SignIn) -> None:
    order_id = rests(sign_in("trader"))
    assert change(sign_in("viewer"), order_id, price="1.24700").status_code == 403
