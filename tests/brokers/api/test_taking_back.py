"""Cancels and closes by hand over REST."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from apps.portfolio import books, ledger
from apps.portfolio.domain.order import OrderStatus, Side
from apps.portfolio.domain.report import ExecutionReport
from apps.portfolio.models import Order, OrderEvent, Position
from apps.risk import breakers
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.verdict import Approved
from tests.brokers.api.conftest import Browser
from tests.risk.desk import ACCOUNT, Desk

SignIn = Callable[..., Browser]


def approved(desk: Desk) -> str:
    verdict = desk.ask("0.2")
    assert isinstance(verdict, Approved)
    return verdict.order.client_order_id


def at_venue(desk: Desk, status: OrderStatus = OrderStatus.ACCEPTED) -> str:
    order_id = approved(desk)
    ledger.claim(owner="test", fence=1, lease_s=5)
    ledger.apply(account=ACCOUNT, report=ExecutionReport(client_order_id=order_id, status=status))
    return order_id


def row(source: str = "") -> Any:
    return Position.objects.get(instrument="EURUSD", source=source)


def test_an_unsent_order_is_taken_back_at_once(desk: Desk, sign_in: SignIn) -> None:
    order_id, trader = approved(desk), sign_in("trader")
    answer = trader.post(f"orders/{order_id}/cancel/")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    event = OrderEvent.objects.latest("id")
    assert event.detail["by"] == f"user:{trader.user.pk} (trader)"


def test_a_working_order_waits_for_the_venues_word(desk: Desk, sign_in: SignIn) -> None:
    answer = sign_in("trader").post(f"orders/{at_venue(desk)}/cancel/")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancel_pending")


def test_a_cancel_is_asked_twice_and_done_once(desk: Desk, sign_in: SignIn) -> None:
    order_id, trader = at_venue(desk), sign_in("trader")
    answers = [
        trader.post(f"orders/{order_id}/cancel/", key=key) for key in ("cancel-1", "cancel-1", "cancel-2")
    ]
    assert {answer.json()["status"] for answer in answers} == {"cancel_pending"}
    assert OrderEvent.objects.filter(kind="cancel_pending").count() == 1


def test_what_has_ended_or_is_on_its_way_cannot_be_cancelled(desk: Desk, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    ended = trader.post(f"orders/{at_venue(desk, OrderStatus.REJECTED)}/cancel/")
    assert (ended.status_code, ended.json()["type"]) == (409, "/problems/conflict")
    flying = approved(desk)
    ledger.claim(owner="test", fence=1, lease_s=5)
    assert trader.post(f"orders/{flying}/cancel/").status_code == 409
    assert books.order(flying).status is OrderStatus.SENDING


def test_an_unknown_order_is_not_found(desk: Desk, sign_in: SignIn) -> None:
    assert sign_in("trader").post("orders/nothing/cancel/").status_code == 404


@pytest.mark.parametrize(
    ("role", "status"),
    [("viewer", 403), ("trader", 200), ("quant", 403), ("risk", 200), ("ops", 200), ("admin", 200)],
)
def test_who_may_cancel(desk: Desk, sign_in: SignIn, role: str, status: int) -> None:
    assert sign_in(role).post(f"orders/{approved(desk)}/cancel/").status_code == status


def test_the_accounts_position_is_closed_by_an_exit_of_the_person(desk: Desk, sign_in: SignIn) -> None:
    desk.hold("0.5")
    trader = sign_in("trader")
    answer = trader.post(f"positions/{row().pk}/close/")
    order = answer.json()
    assert answer.status_code == 201, answer.content
    assert (order["side"], order["quantity"], order["kind"]) == ("sell", "0.5", "exit")
    assert order["source"] == f"user:{trader.user.pk}"


def test_a_part_may_be_closed_and_the_step_counts(desk: Desk, sign_in: SignIn) -> None:
    desk.hold("0.5", Side.SELL)
    trader, path = sign_in("trader"), f"positions/{row().pk}/close/"
    assert trader.post(path, {"quantity": "0.105"}).json()["errors"][0]["pointer"] == "/quantity"
    assert trader.post(path, {"quantity": "0.1"}).json()["quantity"] == "0.1"


def test_a_halt_stops_no_way_out(desk: Desk, sign_in: SignIn) -> None:
    desk.hold("0.5")
    breakers.trip(scope="desk", level=BreakerLevel.HALTED, cause="test", by="user:1")
    assert sign_in("trader").post(f"positions/{row().pk}/close/").status_code == 201


def test_what_is_on_its_way_out_is_not_closed_twice(desk: Desk, sign_in: SignIn) -> None:
    desk.hold("0.5")
    trader, path = sign_in("trader"), f"positions/{row().pk}/close/"
    first = trader.post(path, key="close-it")
    assert trader.post(path, key="close-it").json() == first.json()
    second = trader.post(path, key="close-again")
    assert (second.status_code, second.json()["checks"][0]["passed"]) == (422, True)
    assert Order.objects.filter(status="approved").count() == 1


def test_a_key_whose_answer_was_forgotten_does_not_close_another_part(desk: Desk, sign_in: SignIn) -> None:
    desk.hold("0.5")
    trader, path = sign_in("trader"), f"positions/{row().pk}/close/"
    first = trader.post(path, {"quantity": "0.1"}, key="close-it")
    cache.clear()
    assert trader.post(path, {"quantity": "0.1"}, key="close-it").json()["id"] == first.json()["id"]
    cache.clear()
    other = trader.post(path, {"quantity": "0.2"}, key="close-it")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


def test_a_persons_own_row_can_be_closed_and_an_agents_not(desk: Desk, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    desk.hold("0.2", source=f"user:{trader.user.pk}", stop_distance=None)
    desk.hold("0.3")
    own = trader.post(f"positions/{row(f'user:{trader.user.pk}').pk}/close/")
    agents = trader.post(f"positions/{row('agent:trend').pk}/close/")
    assert (own.status_code, own.json()["quantity"]) == (201, "0.2")
    assert (agents.status_code, agents.json()["type"]) == (409, "/problems/conflict")
    assert "pause it" in agents.json()["detail"]


def test_a_flat_position_has_nothing_to_close(desk: Desk, sign_in: SignIn) -> None:
    desk.hold("0.2")
    desk.hold("0.2", Side.SELL, reduce_only=True)
    assert sign_in("trader").post(f"positions/{row().pk}/close/").status_code == 409


@pytest.mark.parametrize(
    ("role", "status"),
    [("viewer", 403), ("trader", 201), ("quant", 403), ("risk", 201), ("ops", 403), ("admin", 201)],
)
def test_who_may_close(desk: Desk, sign_in: SignIn, role: str, status: int) -> None:
    desk.hold("0.2")
    assert sign_in(role).post(f"positions/{row().pk}/close/").status_code == status


def test_a_way_out_works_without_valkey(
    desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    desk.hold("0.2")
    trader = sign_in("trader")
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9",
        }
    }
    assert trader.post(f"positions/{row().pk}/close/").status_code == 201
