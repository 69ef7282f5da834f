"""Signals, and an order's whole life, whoever asked for it."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext
from guardian.models import GroupObjectPermission

from apps.agents.api import lives
from apps.portfolio import books, ledger
from apps.portfolio.books import OrderView
from apps.portfolio.domain.order import OrderStatus, Side
from apps.portfolio.domain.report import ExecutionReport
from apps.risk import breakers
from apps.risk.domain.breaker import BreakerLevel
from tests.agents.api.conftest import Browser
from tests.agents.floor import Floor
from tests.risk.desk import ACCOUNT
from tests.site import schema

SignIn = Callable[..., Browser]
GOLDEN = Path(__file__).parents[2] / "golden" / "statements.json"


def fill_next(floor: Floor) -> str:
    """Let the venue fill the oldest approved order, and return its id."""
    claimed = ledger.claim(owner="test", fence=1, lease_s=5)
    assert claimed is not None
    ledger.apply(account=ACCOUNT, report=floor.desk.filled(claimed))
    return claimed.client_order_id


def traded(floor: Floor) -> str:
    floor.agent()
    floor.close_bars()
    floor.tick()
    return fill_next(floor)


def test_an_agents_order_tells_from_its_signal_to_its_fill(floor: Floor, sign_in: SignIn) -> None:
    order_id = traded(floor)
    answer = sign_in("viewer").get(f"orders/{order_id}/life/")
    life = answer.json()
    assert answer.status_code == 200, answer.content
    assert schema.faults(life, "/api/v1/orders/{order_id}/life/") == []
    assert (life["signal"]["agent"], life["signal"]["orders"]) == ("one", [order_id])
    assert "held" in life["signal"]["observation"]
    assert [event["new_status"] for event in life["events"]] == ["approved", "sending", "sending", "filled"]
    assert life["fills"][0]["order"] == order_id
    margin = next(check for check in life["review"]["checks"] if check["check"] == "free_margin_account")
    assert margin["passed"]
    assert Decimal(margin["value"]) > Decimal(margin["limit"]) > 0
    assert margin["unit"] == "money"
    assert margin["elapsed_ms"] > 0
    sizing = life["review"]["sizing"]
    assert Decimal(sizing["quantity"]) == Decimal(life["order"]["quantity"])
    assert set(sizing["caps"]) == {"fixed_fractional"}


def test_a_denied_order_tells_why(floor: Floor, sign_in: SignIn) -> None:
    breakers.trip(scope="desk", level=BreakerLevel.REDUCING, cause="test", by="user:1")
    floor.agent()
    floor.close_bars()
    floor.tick()
    (order,) = floor.orders()
    life = sign_in("viewer").get(f"orders/{order.client_order_id}/life/").json()
    assert (life["order"]["status"], life["signal"]["outcome"]) == ("denied", "denied")
    failed = [check for check in life["review"]["checks"] if not check["passed"]]
    assert [check["check"] for check in failed] == ["breaker_desk"]
    assert failed[0]["text"] == life["events"][0]["text"] == "the breaker of desk stands at REDUCING"


def test_an_order_by_hand_comes_from_no_signal(floor: Floor, sign_in: SignIn) -> None:
    floor.desk.hold("0.2", source="user:7")
    order = floor.orders()[0]
    life = sign_in("viewer").get(f"orders/{order.client_order_id}/life/").json()
    assert life["signal"] is None
    assert life["order"]["source"] == "user:7"
    assert life["review"]["sizing"]["rule"] == "*"


def test_an_order_of_enforcement_is_judged_as_an_exit_and_not_sized(floor: Floor, sign_in: SignIn) -> None:
    floor.desk.hold("0.2")
    floor.desk.hold("0.2", Side.SELL, source="enforcement:4", reduce_only=True)
    order = floor.orders()[-1]
    life = sign_in("viewer").get(f"orders/{order.client_order_id}/life/").json()
    assert schema.faults(life, "/api/v1/orders/{order_id}/life/") == []
    assert (life["order"]["kind"], life["review"]["sizing"], life["signal"]) == ("exit", None, None)


def test_somebody_elses_order_was_never_judged(floor: Floor, sign_in: SignIn) -> None:
    fill = floor.desk.filled(_stranger(floor)).fills[0]
    ledger.book_external(account=ACCOUNT, fills=[fill])
    order = next(order for order in floor.orders() if order.source == "external")
    life = sign_in("viewer").get(f"orders/{order.client_order_id}/life/").json()
    assert (life["review"], life["signal"], len(life["fills"])) == (None, None, 1)


def _stranger(floor: Floor) -> OrderView:
    floor.desk.ask("0.1")
    return replace(floor.orders()[0], number=0)


def test_the_venues_words_are_in_the_life(floor: Floor, sign_in: SignIn) -> None:
    floor.desk.ask("0.1")
    claimed = ledger.claim(owner="test", fence=1, lease_s=5)
    assert claimed is not None
    refused = ExecutionReport(
        client_order_id=claimed.client_order_id, status=OrderStatus.REJECTED, code="10019", text="No money"
    )
    ledger.apply(account=ACCOUNT, report=refused)
    life = sign_in("viewer").get(f"orders/{claimed.client_order_id}/life/").json()
    assert life["events"][-1]["text"] == "10019: No money"


def test_a_life_takes_as_many_reads_as_the_golden_file_says(floor: Floor, sign_in: SignIn) -> None:
    order_id = traded(floor)
    viewer = sign_in("viewer")
    viewer.get(f"orders/{order_id}/life/")  # what a process keeps is not the page's
    with CaptureQueriesContext(connection) as asked:
        lives.life_body(books.order(order_id), agents={"one"})
    assert len(asked) == json.loads(GOLDEN.read_text())["order life"]
    assert len(asked) <= 8


def test_an_order_of_an_account_that_one_may_not_see_is_not_there(floor: Floor, sign_in: SignIn) -> None:
    order_id = traded(floor)
    viewer = sign_in("viewer")
    GroupObjectPermission.objects.all().delete()
    assert viewer.get(f"orders/{order_id}/life/").status_code == 404
    assert sign_in("admin").get("orders/nothing/life/").status_code == 404


def test_who_may_not_see_an_agent_does_not_see_what_it_saw(floor: Floor, sign_in: SignIn) -> None:
    order_id = traded(floor)
    viewer = sign_in("viewer")
    GroupObjectPermission.objects.filter(permission__codename="view_agent").delete()
    life = viewer.get(f"orders/{order_id}/life/").json()
    assert (life["order"]["id"], life["signal"]) == (order_id, None)


def test_signals_name_their_orders_and_can_be_filtered(floor: Floor, sign_in: SignIn) -> None:
    order_id = traded(floor)
    viewer = sign_in("viewer")
    page = viewer.get("signals/?agent=one&outcome=approved").json()
    assert schema.faults(page, "/api/v1/signals/") == []
    (signal,) = page["results"]
    assert (signal["orders"], signal["version"], signal["target"]) == ([order_id], "buy-and-hold v1", 1.0)
    assert viewer.get("signals/?outcome=denied").json()["results"] == []
    assert viewer.get("signals/?agent=nobody").status_code == 404


def test_signals_take_as_many_queries_for_many_as_for_one(floor: Floor, sign_in: SignIn) -> None:
    floor.agent()
    viewer = sign_in("viewer")
    floor.close_bars()
    floor.tick()
    with CaptureQueriesContext(connection) as few:
        viewer.get("signals/")
    for number in range(4):
        floor.agent(name=f"other-{number}")
    floor.tick()
    everyone = sign_in("viewer", "another")
    with CaptureQueriesContext(connection) as many:
        assert len(everyone.get("signals/").json()["results"]) == 5
    assert len(many) == len(few)
