"""Leave to change a resting order: what it adds is judged as an entry, everything else passes as an exit."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
import redis

from apps.portfolio import books, ledger
from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from apps.portfolio.domain.report import ExecutionReport
from apps.portfolio.domain.terms import Terms
from apps.portfolio.domain.views import OrderView
from apps.portfolio.errors import NotAmendable
from apps.portfolio.models import ScopeUse
from apps.risk import breakers, review, snapshots
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.limits import Metric
from apps.risk.domain.verdict import Approved, Denied, Verdict
from apps.risk.errors import Busy
from apps.risk.models import RiskLimit, RiskReview
from apps.risk.review.amending import adds_risk
from tests.risk.desk import ACCOUNT, Desk, at_once
from tests.risk.test_snapshots import covariance

D = Decimal
S = OrderStatus


def resting(desk: Desk, lots: str = "0.1", price: str = "1.24800", **changes: Any) -> OrderView:
    """Get a person's limit order to rest at the venue."""
    wanted: dict[str, Any] = {
        "order_type": OrderType.LIMIT,
        "price": D(price),
        "source": "user:1",
        "stop_distance": None,
    }
    verdict = desk.ask(lots, **(wanted | changes))
    assert isinstance(verdict, Approved), verdict
    ledger.claim(owner="test", fence=1, lease_s=5)
    report = ExecutionReport(client_order_id=verdict.order.client_order_id, status=S.ACCEPTED)
    ledger.apply(account=ACCOUNT, report=report)
    return books.order(verdict.order.client_order_id)


def amend(order: OrderView, **changes: Decimal | None) -> Any:
    return review.permit_amend(order_id=order.client_order_id, changes=changes, by="user:1")


def patient(ask: Callable[[], Verdict]) -> Verdict:
    """Ask again while somebody else holds the account."""
    for _ in range(200):
        try:
            return ask()
        except Busy:
            continue
    raise AssertionError("busy all the time")


def reasons(order: OrderView, **changes: Decimal | None) -> set[str]:
    verdict = patient(partial(amend, order, **changes))
    return {breach.reason for breach in verdict.reasons} if isinstance(verdict, Denied) else set()


def used(metric: str, key: str = "") -> Decimal:
    amount: Decimal = ScopeUse.objects.get(scope="desk", metric=metric, key=key).used
    return amount


def cap(metric: Metric, hard: str) -> None:
    """Limit the account to so much, as if staff had: the row in force says another figure."""
    RiskLimit.objects.filter(scope=f"account:{ACCOUNT}", metric=metric).update(hard=D(hard), soft=None)


@pytest.mark.parametrize(
    ("side", "changes", "adds"),
    [
        (Side.BUY, {"quantity": D("0.2")}, True),
        (Side.BUY, {"quantity": D("0.05")}, False),
        (Side.BUY, {"price": D("1.249")}, True),
        (Side.BUY, {"price": D("1.247")}, False),
        (Side.SELL, {"price": D("1.251")}, True),
        (Side.BUY, {"stop_loss": D("1.23")}, True),
        (Side.BUY, {"stop_loss": None}, True),
        (Side.BUY, {"stop_loss": D("1.242")}, False),
        (Side.BUY, {"take_profit": D("1.27")}, False),
    ],
)
def test_what_of_a_change_adds_risk(desk: Desk, side: Side, changes: dict[str, Any], adds: bool) -> None:
    price, stop = ("1.248", "1.24") if side is Side.BUY else ("1.252", "1.26")
    order = resting(desk, price=price, side=side, stop_loss=D(stop))
    assert adds_risk(order, replace(Terms.of(order), **changes)) is adds


def test_more_lots_are_judged_as_what_the_order_would_be(desk: Desk) -> None:
    order = resting(desk)
    cap(Metric.POSITION, "0.2")
    assert "position" in reasons(order, quantity=D("0.21"))
    assert isinstance(amend(order, quantity=D("0.2")), Approved)
    assert books.order(order.client_order_id).status is S.REPLACE_PENDING
    assert books.load(ACCOUNT).worst_long("EURUSD") == D("0.2")


def test_until_the_venue_answers_the_larger_of_each_figure_is_held(desk: Desk) -> None:
    cap(Metric.COLLAR, "0.1")
    order = resting(desk, "0.30", "1.24000")
    gross = used("gross")
    assert isinstance(amend(order, quantity=D("0.31"), price=D("1.20000")), Approved)
    assert used("position_long", "EURUSD") == D("0.31")
    assert used("gross") == gross  # 0.31 lots at 1.20 are worth less: what the order is now may yet fill


def test_a_wider_stop_adds_nothing_to_what_was_measured(desk: Desk) -> None:
    covariance()
    snapshots.measure()
    order, larger = (resting(desk, lots, stop_loss=D("1.24000")) for lots in ("0.1", "0.11"))
    counted = used("sigma")
    assert isinstance(amend(order, stop_loss=D("1.23000")), Approved)
    assert used("sigma") == counted > 0
    assert isinstance(amend(larger, quantity=D("0.2")), Approved)
    assert used("sigma") > counted


def test_an_order_whose_change_is_with_the_venue_may_be_met_at_either_price(desk: Desk) -> None:
    sale = resting(desk, price="1.26000", side=Side.SELL)
    assert isinstance(amend(sale, price=D("1.25200")), Approved)
    buy: dict[str, Any] = {"order_type": OrderType.LIMIT, "source": "user:2", "stop_distance": None}
    assert desk.reasons("0.1", price=D("1.25300"), **buy) == {"self_trade"}
    assert desk.reasons("0.1", price=D("1.25100"), **buy) == set()


def test_i3_a_change_and_an_order_never_take_the_same_room(desk: Desk) -> None:
    order = resting(desk)
    cap(Metric.POSITION, "0.2")

    def another() -> set[str]:
        wanted = desk.request("0.1", source="user:1", stop_distance=None)
        verdict = patient(partial(review.permit, wanted))
        return {breach.reason for breach in verdict.reasons} if isinstance(verdict, Denied) else set()

    calls: list[Callable[[], set[str]]] = [partial(reasons, order, quantity=D("0.2")), another]
    answers = at_once(calls)
    assert sorted(len(found) for found in answers) == [0, 1]


def test_a_change_does_not_count_as_another_entry_of_the_day(desk: Desk) -> None:
    order = resting(desk)
    cap(Metric.ENTRIES_DAY, "1")
    assert isinstance(amend(order, quantity=D("0.2")), Approved)
    (entries,) = ScopeUse.objects.filter(scope="desk", metric__startswith="entries_day@", key="")
    assert entries.used == 1


def test_i7_nothing_is_added_under_a_halt_and_less_is_always_possible(desk: Desk) -> None:
    order = resting(desk, stop_loss=D("1.24"))
    breakers.trip(scope=f"account:{ACCOUNT}", level=BreakerLevel.HALTED, cause="test", by="user:9")
    assert reasons(order, price=D("1.249")) != set()
    assert isinstance(amend(order, price=D("1.247")), Approved)


def test_i11_what_adds_no_risk_needs_no_quote(desk: Desk, valkey: str) -> None:
    order = resting(desk)
    with redis.Redis.from_url(valkey) as client:
        client.flushall()
    assert reasons(order, price=D("1.249"))
    assert isinstance(amend(order, price=D("1.247")), Approved)


def test_what_is_not_on_the_tick_is_denied(desk: Desk) -> None:
    assert reasons(resting(desk), price=D("1.2470001")) == {"tick_size"}


def test_asking_twice_for_the_same_changes_once(desk: Desk) -> None:
    order = resting(desk)
    for _ in range(2):
        assert isinstance(amend(order, price=D("1.247")), Approved)
    assert books.order(order.client_order_id).revision == 1


def test_only_a_working_order_can_be_changed(desk: Desk) -> None:
    order = resting(desk)
    ledger.request_cancel(order_id=order.client_order_id)
    with pytest.raises(NotAmendable, match="cancel_pending"):
        amend(order, price=D("1.247"))


def test_each_change_has_its_review(desk: Desk) -> None:
    order = resting(desk)
    cap(Metric.POSITION, "0.2")
    reasons(order, quantity=D("0.3"))
    amend(order, price=D("1.247"))
    kept = RiskReview.objects.filter(request__amends=order.client_order_id).order_by("id")
    assert [row.verdict for row in kept] == ["denied", "approved"]
    assert D(kept[0].request["quantity"]) == D("0.3")


def test_an_exit_is_changed_like_an_exit(desk: Desk) -> None:
    desk.hold("0.3", source="user:1", stop_distance=None)
    order = resting(desk, "0.2", price="1.26000", side=Side.SELL, reduce_only=True)
    breakers.trip(scope="desk", level=BreakerLevel.HALTED, cause="test", by="user:9")
    assert isinstance(amend(order, price=D("1.255")), Approved)
    ledger.amend_done(order_id=order.client_order_id)
    assert reasons(order, quantity=D("0.4")) == {"reversal"}
    assert isinstance(amend(order, quantity=D("0.3")), Approved)
