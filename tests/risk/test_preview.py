"""A preview answers as the permit that follows it, and leaves no trace."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from apps.portfolio import books, locks
from apps.portfolio.domain.order import OrderRequest, OrderType, Side
from apps.risk import breakers, review
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.limits import Metric
from apps.risk.domain.verdict import Approved, Denied
from apps.risk.errors import Refused
from apps.risk.models import BreakerState, RiskReview
from tests.risk.desk import ACCOUNT, Desk, at_once

D = Decimal
BY_HAND: dict[str, Any] = {"source": "user:7", "stop_distance": None}
ORDERS: dict[str, dict[str, Any]] = {
    "an agent's entry": {},
    "an agent's entry that sizing shrinks": {"stop_distance": D("0.02")},
    "a person's order with a stop": BY_HAND | {"stop_loss": D("1.249")},
    "a person's order without a stop": BY_HAND | {"quantity": D("0.2")},
    "a person's order that is too large": BY_HAND | {"quantity": D(3), "stop_loss": D("1.24")},
    "a limit order": BY_HAND | {"order_type": OrderType.LIMIT, "price": D("1.245"), "stop_loss": D("1.244")},
    "a stop order": BY_HAND | {"order_type": OrderType.STOP, "price": D("1.255"), "stop_loss": D("1.254")},
    "a limit order far away": BY_HAND | {"order_type": OrderType.LIMIT, "price": D(1)},
    "an order beyond a limit": {"quantity": D(6)},
    "a quantity off the step": BY_HAND | {"quantity": D("0.105")},
    "an order in yen": {"instrument": "USDJPY", "stop_distance": D("0.1")},
    "an order without a quote": {"instrument": "EURGBP"},
    "an exit of the agent": {"side": Side.SELL, "reduce_only": True, "quantity": D("0.5")},
    "an exit by hand": BY_HAND | {"side": Side.SELL, "reduce_only": True, "quantity": D("0.5")},
    "an exit of more than is held": BY_HAND | {"side": Side.SELL, "reduce_only": True, "quantity": D(9)},
    "an agent's close that adds to the account": {
        "source": "agent:other", "reduce_only": True, "quantity": D("0.5"),
    },
}  # fmt: skip


def same(desk: Desk, request: OrderRequest) -> tuple[review.Previewed, RiskReview]:
    """Preview, then permit, and compare all that both tell."""
    shown = review.preview(request)
    verdict = review.permit(request)
    kept = RiskReview.objects.latest("id")
    untimed = {"elapsed_ms": None}
    stored = review.stored(kept.pk)
    assert stored is not None
    assert shown.passes == isinstance(verdict, Approved)
    assert [check | untimed for check in shown.checks] == [check | untimed for check in stored.checks]
    assert shown.sizing == kept.sizing
    assert shown.limit_versions == kept.limit_versions
    if isinstance(verdict, Denied):
        assert shown.breaches == verdict.reasons
    elif verdict.order.is_entry:
        held = next(o for o in books.load(ACCOUNT).open_orders if o.client_order_id == kept.client_order_id)
        assert shown.reservation is not None
        assert (held.remaining, held.price) == (shown.quantity, shown.reservation.price)
        assert held.margin == shown.reservation.margin.quantize(D("1e-10"))  # what a column keeps
        assert (shown.price, shown.margin) == (shown.reservation.price, shown.reservation.margin)
    return shown, kept


@pytest.mark.parametrize("name", ORDERS)
def test_preview_and_permit_give_the_same_verdict_checks_and_figures(desk: Desk, name: str) -> None:
    desk.hold("1")
    desk.hold("0.5", Side.SELL, source="agent:other")
    same(desk, replace(desk.request("1"), **ORDERS[name]))


def test_they_agree_under_a_breaker_too(desk: Desk) -> None:
    breakers.trip(scope=f"account:{ACCOUNT}", level=BreakerLevel.WARNING, cause="test", by="user:1")
    shown, _ = same(desk, desk.request("1"))
    assert shown.quantity == D("0.5")
    breakers.trip(scope="desk", level=BreakerLevel.REDUCING, cause="test", by="user:1")
    shown, _ = same(desk, desk.request("1"))
    assert {breach.check for breach in shown.breaches} == {"breaker_desk"}


def test_a_preview_writes_nothing_not_even_a_breaker(desk: Desk) -> None:
    before = (BreakerState.objects.count(), RiskReview.objects.count())
    review.preview(desk.request(source="agent:unheard-of"))
    assert (BreakerState.objects.count(), RiskReview.objects.count()) == before
    assert books.load(ACCOUNT).open_orders == ()
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("off",)


def test_it_waits_for_no_lock(desk: Desk) -> None:
    asked = desk.request()
    with transaction.atomic():
        locks.lock_account(ACCOUNT)
        (shown,) = at_once([lambda: review.preview(asked)])
    assert shown.passes


def test_it_names_what_the_order_takes_and_risks(desk: Desk) -> None:
    shown = review.preview(desk.request("1", source="user:7", stop_distance=None, stop_loss=D("1.245")))
    assert (shown.price, shown.margin) == (D("1.2875103"), D("5150.0412"))
    assert shown.value == D("128751.03")
    assert shown.risk == D("501")  # from the ask at 1.25001 down to the stop, 100,000 units
    (margin,) = (check for check in shown.checks if check["check"] == "free_margin_account")
    assert D(margin["value"]) == shown.margin_free_after
    assert shown.currency == "USD"


def test_a_person_without_a_price_is_sized_by_the_stop_loss(desk: Desk) -> None:
    near = review.preview(desk.request("1", source="user:7", stop_distance=None, stop_loss=D("1.245")))
    far = review.preview(desk.request("1", source="user:7", stop_distance=None, stop_loss=D("1.2")))
    assert near.passes
    assert [breach.reason for breach in far.breaches] == ["over_size"]
    assert far.breaches[0].limit == D("0.2")  # 1,000 USD at 5,000 USD a lot


def test_a_figure_that_cannot_be_told_is_none_and_a_check_says_why(desk: Desk) -> None:
    shown = review.preview(desk.request("1", instrument="EURGBP"))
    assert (shown.price, shown.value, shown.margin_free_after) == (None, None, None)
    assert "no_quote" in {breach.reason for breach in shown.breaches}


@pytest.mark.parametrize("changes", [{"instrument": "NOSUCH"}, {"account": "nobody"}])
def test_what_cannot_be_an_order_is_refused_and_not_kept(desk: Desk, changes: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        review.preview(replace(desk.request(), **changes))
    assert not RiskReview.objects.exists()


def test_a_limit_lowered_meanwhile_shows_in_the_next_preview(desk: Desk) -> None:
    assert review.preview(desk.request("1")).passes
    desk.limit(f"account:{ACCOUNT}", Metric.ORDER_SIZE, "0.5")
    assert not review.preview(desk.request("1")).passes
