"""Two people let one exact order past a collar or a throttle, once, and past nothing else."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from apps.marketdata import clock
from apps.portfolio.domain.order import OrderRequest, OrderType
from apps.risk import changes, review
from apps.risk.domain.change import Change, ChangeKind
from apps.risk.domain.limits import Metric, Unit
from apps.risk.domain.overrides import override_hash
from apps.risk.domain.verdict import Approved, Denied
from apps.risk.errors import WrongPerson
from apps.risk.models import ChangeRequest
from tests.risk.cast import AGENT
from tests.risk.desk import ACCOUNT, Desk

_keys = count(1)


def far(desk: Desk) -> OrderRequest:
    """Return a person's buy limit 2 % above the market, where the collar allows 1 %."""
    return desk.request("0.5", source="user:7", order_type=OrderType.LIMIT, price=Decimal("1.275"))


def granted(order: OrderRequest, **more: Any) -> Change:
    payload = {
        "account": ACCOUNT,
        "source": order.source,
        "instrument": order.instrument,
        "order_hash": override_hash(order),
        "check": "collar",
        "wider": "0.03",
    } | more
    asked = changes.propose(kind=ChangeKind.OVERRIDE, payload=payload, reason="a hedge", by="user:7")
    return changes.approve(asked.id, by="user:2", reason="agreed")


def ask(order: OrderRequest) -> set[str]:
    """Send the order under a key of its own; return why it was denied."""
    verdict = review.permit(replace(order, signal_key=f"override-{next(_keys)}"))
    return {breach.reason for breach in verdict.reasons} if isinstance(verdict, Denied) else set()


def test_the_exact_order_passes_the_collar_once(desk: Desk) -> None:
    order = far(desk)
    change = granted(order)
    verdict = review.permit(order)
    assert isinstance(verdict, Approved)
    assert ChangeRequest.objects.get(pk=change.id).used_by == verdict.order.client_order_id
    assert "price_band" in ask(order)


@pytest.mark.parametrize(
    "asked",
    [
        {"lots": "3", "source": AGENT, "stop_distance": Decimal("0.005")},  # more than its rule leaves of it
        {"lots": "50", "source": "user:7", "stop_distance": Decimal("0.005"), "risk_share": Decimal("0.005")},
    ],
)
def test_an_order_that_is_sized_is_known_by_what_it_asked_for(desk: Desk, asked: dict[str, Any]) -> None:
    asked |= {"order_type": OrderType.LIMIT, "price": Decimal("1.275")}
    order = desk.request(**asked, requested_at=clock.desk_now() - timedelta(seconds=10))
    denied = review.permit(order)
    assert isinstance(denied, Denied)
    assert denied.order is not None
    payload = {"order": denied.order.client_order_id, "check": "collar", "wider": "0.03"}
    change = changes.propose(kind=ChangeKind.OVERRIDE, payload=payload, reason="a hedge", by="user:1")
    changes.approve(change.id, by="user:2", reason="agreed")
    verdict = review.permit(replace(order, signal_key="again"))
    assert isinstance(verdict, Approved), verdict
    assert verdict.order.quantity < order.quantity
    assert ChangeRequest.objects.get(pk=change.id).used_by == verdict.order.client_order_id


def test_another_order_does_not_pass(desk: Desk) -> None:
    order = far(desk)
    granted(order)
    assert "price_band" in ask(replace(order, quantity=Decimal("0.6")))
    assert "price_band" in ask(replace(order, source="user:8"))


def test_a_collar_that_is_not_wide_enough_still_bounds(desk: Desk) -> None:
    order = far(desk)
    granted(order, wider="0.015")
    assert "price_band" in ask(order)


def test_it_lifts_no_limit(desk: Desk) -> None:
    order = far(desk)
    desk.limit("account:paper-1", Metric.ORDER_SIZE, "0.4")
    granted(order)
    assert ask(order) == {"order_size"}


def test_it_is_for_one_check_only(desk: Desk) -> None:
    order = far(desk)
    granted(order, check="throttle", wider=None)
    assert "price_band" in ask(order)


def test_a_throttle_is_passed_once(desk: Desk) -> None:
    for metric, unit in ((Metric.MESSAGE_BURST, Unit.COUNT), (Metric.MESSAGE_RATE, Unit.PER_SECOND)):
        desk.limit("source:user:7", metric, "1" if unit is Unit.COUNT else "0.0001", unit)
    order = desk.request("0.5", source="user:7")
    assert ask(desk.request("0.4", source="user:7")) == set()
    granted(order, check="throttle", wider=None)
    assert ask(order) == set()
    assert "throttled" in ask(desk.request("0.3", source="user:7"))


@pytest.mark.parametrize("by", ["user:7 (trader)", "user:7"])
def test_whoever_asks_does_not_grant(desk: Desk, by: str) -> None:
    order = far(desk)
    payload = {
        "account": ACCOUNT, "source": order.source, "instrument": order.instrument, "check": "collar",
        "wider": "0.03", "order_hash": override_hash(order),
    }  # fmt: skip
    asked = changes.propose(kind=ChangeKind.OVERRIDE, payload=payload, reason="a hedge", by="user:7")
    with pytest.raises(WrongPerson):
        changes.approve(asked.id, by=by, reason="agreed")
    assert "price_band" in ask(order)
