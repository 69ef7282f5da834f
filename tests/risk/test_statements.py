"""How many statements the hot doors take: a change shows in the golden file's diff."""

import json
from collections.abc import Callable
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.portfolio import ledger
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.report import ExecutionReport
from apps.portfolio.domain.views import OrderView
from apps.risk import breakers, review
from tests.risk.desk import ACCOUNT, Desk

GOLDEN = Path(__file__).parents[1] / "golden" / "statements.json"
EXPECTED: dict[str, int] = json.loads(GOLDEN.read_text())


def count(door: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as statements:
        door()
    return len(statements)


def claim() -> OrderView | None:
    return ledger.claim(owner="test", fence=1, lease_s=5)


def test_a_review_takes_as_many_statements_as_the_golden_file_says(desk: Desk) -> None:
    desk.ask("0.01")  # what is born with the first order, and what a process keeps for seconds
    request, denied = desk.request("0.01"), desk.request("50", source="user:1")
    assert count(lambda: review.permit(request)) == EXPECTED["permit"]
    assert count(lambda: review.permit(request)) == EXPECTED["permit asked again"]
    assert count(lambda: review.permit(denied)) == EXPECTED["permit denied"]


def test_sending_takes_as_many_statements_as_the_golden_file_says(desk: Desk) -> None:
    desk.ask("0.01")
    assert count(claim) == EXPECTED["claim"]
    assert count(claim) == EXPECTED["claim of nothing"]


def test_booking_takes_as_many_statements_as_the_golden_file_says(desk: Desk) -> None:
    desk.hold("0.01")
    desk.ask("0.01")
    order = claim()
    assert order is not None
    accepted = ExecutionReport(client_order_id=order.client_order_id, status=OrderStatus.ACCEPTED)
    filled = desk.filled(order)
    assert count(lambda: ledger.apply(account=ACCOUNT, report=accepted)) == EXPECTED["apply accepted"]
    assert count(lambda: ledger.apply(account=ACCOUNT, report=filled)) == EXPECTED["apply one fill"]


def test_a_look_at_a_breaker_takes_as_many_statements_as_the_golden_file_says(desk: Desk) -> None:
    desk.hold("0.01")
    breakers.evaluate(ACCOUNT)
    assert count(lambda: breakers.evaluate(ACCOUNT)) == EXPECTED["evaluate"]
