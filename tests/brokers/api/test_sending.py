"""Orders by hand over REST: sent once, denied with every check, refused with a sentence."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from guardian.models import GroupObjectPermission

from apps.brokers import execution
from apps.brokers.errors import RefTaken
from apps.brokers.models import BrokerConnection
from apps.edges import grants, rights
from apps.portfolio import books, ledger, locks
from apps.portfolio.domain.order import OrderRequest
from apps.portfolio.models import Order
from apps.risk import breakers
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.errors import Busy
from apps.risk.models import RiskReview
from tests.brokers.api.conftest import Browser
from tests.portfolio.racing import at_once
from tests.risk.desk import ACCOUNT, Desk

SignIn = Callable[..., Browser]


def ticket(**changes: Any) -> dict[str, Any]:
    return {
        "account": ACCOUNT, "instrument": "EURUSD", "side": "buy", "type": "market", "quantity": "0.20",
        "stop_loss": "1.24000",
    } | changes  # fmt: skip


def test_an_order_is_sent_under_the_traders_name(desk: Desk, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    answer = trader.post("orders/", ticket(take_profit="1.27"))
    assert answer.status_code == 201, answer.content
    order = answer.json()
    assert (order["status"], order["source_name"], order["quantity"]) == ("approved", "trader", "0.2")
    assert (order["stop_loss"], order["take_profit"], order["kind"]) == ("1.24", "1.27", "entry")
    stored = books.order(order["id"])
    assert (stored.source, stored.stop_loss) == (f"user:{trader.user.pk}", Decimal("1.24"))
    assert trader.get(f"orders/{order['id']}/").json() == order


@pytest.mark.parametrize(
    "changes", [{"type": "limit", "price": "1.24500"}, {"type": "stop", "price": "1.25500"}]
)
def test_limit_and_stop_orders_carry_their_price(
    desk: Desk, sign_in: SignIn, changes: dict[str, str]
) -> None:
    answer = sign_in("trader").post("orders/", ticket(**changes))
    assert answer.status_code == 201, answer.content
    assert answer.json()["price"] == changes["price"].rstrip("0")


def test_the_same_key_gets_the_first_answer_again(desk: Desk, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    first = trader.post("orders/", ticket(), key="one-intent")
    again = trader.post("orders/", ticket(), key="one-intent")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Order.objects.count() == 1


def test_a_denial_is_answered_again_and_not_judged_again(desk: Desk, sign_in: SignIn) -> None:
    trader, far = sign_in("trader"), ticket(quantity="6")
    first, again = (trader.post("orders/", far, key="one-intent") for _ in range(2))
    assert (first.status_code, again.status_code) == (422, 422)
    assert again.json() == first.json()
    assert again.headers["Content-Type"] == "application/problem+json"
    assert RiskReview.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(desk: Desk, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    trader.post("orders/", ticket(), key="one-intent")
    other = trader.post("orders/", ticket(quantity="0.30"), key="one-intent")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert Order.objects.count() == 1


def test_a_key_names_its_order_even_when_the_answer_was_forgotten(
    desk: Desk, sign_in: SignIn, valkey: str
) -> None:
    trader = sign_in("trader")
    first = trader.post("orders/", ticket(), key="one-intent")
    cache.clear()
    again = trader.post("orders/", ticket(), key="one-intent")
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    cache.clear()
    other = trader.post("orders/", ticket(side="sell", stop_loss="1.26"), key="one-intent")
    assert other.json()["type"] == "/problems/idempotency-key-reused"
    assert Order.objects.count() == 1


def test_a_clients_own_name_is_the_orders_for_good(desk: Desk, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    first, again = (trader.post("orders/", ticket(client_ref="my-1")) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert (first.json()["client_ref"], first.json()["revision"]) == ("my-1", 0)
    (found,) = trader.get("orders/?client_ref=my-1").json()["results"]
    assert found["id"] == first.json()["id"]


@pytest.mark.parametrize("other", [{"side": "sell", "stop_loss": "1.26"}, {"quantity": "0.02"}])
def test_a_clients_name_for_one_order_is_no_name_for_another(
    desk: Desk, sign_in: SignIn, other: dict[str, str]
) -> None:
    trader = sign_in("trader")
    first = trader.post("orders/", ticket(client_ref="my-1")).json()["id"]
    answer = trader.post("orders/", ticket(client_ref="my-1", **other))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    assert answer.json()["detail"] == f"my-1 names the order {first}, which is another."
    assert Order.objects.count() == 1


def test_a_clients_name_is_taken_for_other_people_of_the_account_too(desk: Desk, sign_in: SignIn) -> None:
    sign_in("trader").post("orders/", ticket(client_ref="my-1"))
    answer = sign_in("trader", "another").post("orders/", ticket(client_ref="my-1"))
    assert answer.status_code == 409


def test_a_denied_orders_name_gets_its_denial_again(desk: Desk, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    asked = ticket(client_ref="my-1", quantity="90")
    first, again = (trader.post("orders/", asked) for _ in range(2))
    assert (first.status_code, again.status_code) == (422, 422)
    assert first.json()["order"] == again.json()["order"]


def test_orders_of_one_name_at_once_become_one_order(desk: Desk, sign_in: SignIn) -> None:
    source = f"user:{sign_in('trader').user.pk}"
    wanted = [desk.request("0.01", source=source, client_ref="my-1") for _ in range(4)]
    answers = at_once(*[partial(_submitted, each) for each in wanted])
    assert sorted(answers) == ["RefTaken"] * 3 + ["sent"]


def _submitted(wanted: OrderRequest) -> str:
    for _ in range(100):
        try:
            execution.submit(request=wanted)
        except Busy:
            continue
        except RefTaken:
            return "RefTaken"
        return "sent"
    return "busy"


def test_a_clients_own_name_counts_per_account(desk: Desk, sign_in: SignIn) -> None:
    ledger.open_account(slug="paper-2", currency="USD")
    grants.seed(rights.ACCOUNT, ["paper-2"])
    trader = sign_in("trader")
    for account in (ACCOUNT, "paper-2"):
        trader.post("orders/", ticket(account=account, client_ref="my-1"))
    assert set(Order.objects.values_list("account__slug", flat=True)) == {ACCOUNT, "paper-2"}


def test_a_key_whose_answer_was_forgotten_does_not_answer_for_another_account(
    desk: Desk, sign_in: SignIn
) -> None:
    ledger.open_account(slug="paper-2", currency="USD")
    grants.seed(rights.ACCOUNT, ["paper-2"])
    trader = sign_in("trader")
    trader.post("orders/", ticket(), key="one-intent")
    cache.clear()
    other = trader.post("orders/", ticket(account="paper-2"), key="one-intent")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


def test_an_account_that_is_named_by_a_number_is_asked_for_too(desk: Desk, sign_in: SignIn) -> None:
    viewer, trader = sign_in("viewer"), sign_in("trader")
    ledger.open_account(slug="100001", currency="USD")
    answers = [person.post("orders/", ticket(account=100001)) for person in (viewer, trader)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert not Order.objects.exists()


def test_two_people_may_use_the_same_key(desk: Desk, sign_in: SignIn) -> None:
    ids = {
        sign_in("trader", name).post("orders/", ticket(), key="one-intent").json()["id"]
        for name in ("ann", "bob")
    }
    assert len(ids) == 2


def test_without_a_key_nothing_is_sent(desk: Desk, sign_in: SignIn) -> None:
    answer = sign_in("trader").post("orders/", ticket(), key="")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/idempotency-key-missing")
    assert not Order.objects.exists()


def test_a_denial_names_every_check_with_its_value_and_limit(desk: Desk, sign_in: SignIn) -> None:
    answer = sign_in("trader").post("orders/", ticket(quantity="6", stop_loss="1.2495"))
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/risk-denied")
    problem = answer.json()
    failed = {check["check"]: check for check in problem["checks"] if not check["passed"]}
    assert (failed["order_size_account"]["value"], failed["order_size_account"]["limit"]) == ("6", "5")
    assert any(check["passed"] for check in problem["checks"])
    assert Order.objects.get(client_order_id=problem["order"]).status == "denied"


def test_a_person_is_never_shrunk_but_told_the_size_that_passes(desk: Desk, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    answer = trader.post("orders/", ticket(quantity="1", stop_loss="1.20"))
    (over,) = (check for check in answer.json()["checks"] if not check["passed"])
    assert (over["reason"], over["limit"]) == ("over_size", "0.2")
    assert trader.post("orders/", ticket(quantity=over["limit"], stop_loss="1.20")).status_code == 201


@pytest.mark.parametrize("scope", ["desk", f"account:{ACCOUNT}"])
def test_what_a_breaker_denies_is_halted(desk: Desk, sign_in: SignIn, scope: str) -> None:
    breakers.trip(scope=scope, level=BreakerLevel.REDUCING, cause="test", by="user:1")
    answer = sign_in("trader").post("orders/", ticket())
    assert (answer.status_code, answer.json()["type"]) == (423, "/problems/trading-halted")
    assert "REDUCING" in answer.json()["detail"]


def test_a_busy_account_asks_for_patience_and_keeps_the_key_free(desk: Desk, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    holder = connection.copy()
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [locks.key(f"account:{ACCOUNT}")])
    try:
        busy = trader.post("orders/", ticket(), key="one-intent")
    finally:
        holder.close()
    assert (busy.status_code, busy.json()["type"], busy.headers["Retry-After"]) == (
        503,
        "/problems/busy",
        "1",
    )
    assert not RiskReview.objects.exists()
    assert trader.post("orders/", ticket(), key="one-intent").status_code == 201


@pytest.mark.parametrize(
    ("changes", "pointer", "says"),
    [
        ({"quantity": "0.205"}, "/quantity", "lot step of 0.01"),
        ({"quantity": 0.2}, "/quantity", "as text"),
        ({"quantity": "NaN"}, "/quantity", "as text"),
        ({"quantity": "-1"}, "/quantity", "above zero"),
        ({"quantity": "1e3"}, "/quantity", "as text"),
        ({"stop_loss": "1.2400001"}, "/stop_loss", "tick of 0.00001"),
        ({"price": "1.2"}, "/price", "takes no price"),
        ({"type": "limit"}, "/price", "needs a price"),
        ({"instrument": "NOSUCH"}, "/instrument", "no instrument"),
        ({"side": "long"}, "/side", "not a valid choice"),
        ({"stop_los": "1.24"}, "/stop_los", "no such member"),
    ],
)
def test_a_ticket_that_cannot_be_meant_is_answered_with_the_member_that_is_wrong(
    desk: Desk, sign_in: SignIn, changes: dict[str, Any], pointer: str, says: str
) -> None:
    answer = sign_in("trader").post("orders/", ticket(**changes))
    assert answer.status_code == 400, answer.content
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert says in fault["detail"]
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("viewer", 403),
        ("trader", 201),
        ("quant", 403),
        ("risk", 403),
        ("ops", 403),
        ("admin", 201),
        ("", 403),
    ],
)
def test_who_may_send(desk: Desk, sign_in: SignIn, role: str, status: int) -> None:
    assert sign_in(role, "somebody").post("orders/", ticket()).status_code == status


def test_a_trader_without_a_right_on_the_account_may_not(desk: Desk, sign_in: SignIn) -> None:
    trader = sign_in("trader")
    GroupObjectPermission.objects.filter(permission__codename="trade_account").delete()
    assert trader.post("orders/", ticket()).status_code == 403
    GroupObjectPermission.objects.all().delete()
    assert trader.post("orders/", ticket()).status_code == 404


def test_nobody_sends_without_signing_in(desk: Desk, client: Any) -> None:
    answer = client.post("/api/v1/orders/", ticket(), content_type="application/json")
    assert answer.status_code == 401


def test_the_order_is_kept_though_nobody_serves_the_account(desk: Desk, sign_in: SignIn) -> None:
    BrokerConnection.objects.update(enabled=False)
    answer = sign_in("trader").post("orders/", ticket())
    assert (answer.status_code, answer.json()["status"]) == (201, "cancelled")


def test_a_preview_says_what_would_pass_and_keeps_nothing(desk: Desk, sign_in: SignIn) -> None:
    with transaction.atomic():
        answer = sign_in("trader").post("orders/preview/", ticket(), key="")
    shown = answer.json()
    assert (answer.status_code, shown["would"], shown["quantity"]) == (200, "pass", "0.2")
    assert (shown["risk"], shown["margin"], shown["currency"]) == ("200.20", "1030.01", "USD")
    assert all(check["passed"] for check in shown["checks"])
    assert not RiskReview.objects.exists()


def test_a_preview_of_more_than_there_is_in_the_world_is_denied(desk: Desk, sign_in: SignIn) -> None:
    most = "999999999999"
    far = ticket(type="limit", quantity=most, price=most, stop_loss=None)
    answer = sign_in("trader").post("orders/preview/", far)
    assert (answer.status_code, answer.json()["would"]) == (200, "deny")


def test_a_preview_of_too_much_names_the_limit(desk: Desk, sign_in: SignIn) -> None:
    shown = sign_in("trader").post("orders/preview/", ticket(quantity="6", stop_loss="1.2495")).json()
    assert shown["would"] == "deny"
    assert "order_size_account" in {check["check"] for check in shown["checks"] if not check["passed"]}
