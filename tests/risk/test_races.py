"""Permits that race for the last room, and trips that race permits: real threads, a connection each."""

import time
from collections.abc import Callable
from functools import partial

import pytest

from apps.portfolio import books
from apps.portfolio.domain.order import OrderRequest, Side
from apps.risk import breakers, review
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.limits import Metric
from apps.risk.domain.verdict import Approved, Denied, Verdict
from apps.risk.errors import Busy
from apps.risk.models import RiskReview
from tests.risk.desk import ACCOUNT, Desk, at_once


def persistent(request: OrderRequest) -> Verdict:
    """Ask as callers do: the same intent again while the account is busy."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            return review.permit(request)
        except Busy:
            continue
    raise TimeoutError("busy for 30 s")


def trip(scope: str) -> Callable[[], object]:
    return partial(breakers.trip, scope=scope, level=BreakerLevel.HALTED, cause="drill", by="user:1")


@pytest.mark.parametrize("room", [1, 5, 10])
def test_exactly_as_many_pass_as_there_is_room_for(desk: Desk, room: int) -> None:
    desk.limit(f"account:{ACCOUNT}", Metric.POSITION, f"{room * 0.5}")
    asked = [desk.request("0.5", source=f"agent:{number}") for number in range(16)]
    verdicts = at_once([partial(persistent, request) for request in asked])
    assert sum(isinstance(verdict, Approved) for verdict in verdicts) == room
    assert sum(order.remaining for order in books.load(ACCOUNT).open_orders) == room * 0.5


def test_one_intent_asked_sixteen_times_is_one_order(desk: Desk) -> None:
    asked = desk.request("0.5")
    verdicts = at_once([partial(persistent, asked)] * 16)
    assert len({verdict.order.number for verdict in verdicts if isinstance(verdict, Approved)}) == 1
    assert RiskReview.objects.count() == 1


@pytest.mark.parametrize("scope", ["desk", f"account:{ACCOUNT}", "agent:trend"])
def test_no_permit_commits_after_a_halt_under_the_old_epoch(desk: Desk, scope: str) -> None:
    halt = trip(scope)
    asked: list[Callable[[], object]] = [partial(persistent, desk.request("0.1")) for _ in range(8)]
    at_once([*asked[:4], halt, *asked[4:]])
    for kept in RiskReview.objects.filter(verdict="approved"):
        assert set(kept.levels.values()) == {0}
    assert isinstance(persistent(desk.request("0.1")), Denied)


def test_exits_pass_while_a_halt_of_the_desk_is_being_taken(desk: Desk) -> None:
    desk.hold("1")
    halt = trip("desk")
    close: Callable[[], object] = partial(persistent, desk.request("1", Side.SELL, reduce_only=True))
    assert isinstance(at_once([halt, close])[1], Approved)
