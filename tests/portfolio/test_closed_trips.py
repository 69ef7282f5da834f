"""Closed trips as they are read back: of whom, under which policy, on which kind of account."""

from decimal import Decimal
from typing import Any

import pytest

from apps.portfolio import ledger
from apps.portfolio.books.closed import closed_trips
from apps.portfolio.domain.book import AccountView
from apps.portfolio.domain.order import OrderStatus, Side
from apps.portfolio.models import Account, Position
from tests.portfolio.factories import AGENT, fill, send, tell

pytestmark = pytest.mark.usefixtures("account")


def trade(side: Side, price: str, profit: str = "0", policy: str = "", **changes: Any) -> None:
    order = send(side=side, policy=policy, **changes)
    booked = fill(side=side, price=Decimal(price), profit=Decimal(profit), quantity=order.quantity)
    tell(order, OrderStatus.FILLED, booked)


def trip(policy: str = "", profit: str = "100", **changes: Any) -> None:
    trade(Side.BUY, "1.1", policy=policy, **changes)
    exit_price = Decimal("1.1") + Decimal(profit) / 100_000
    trade(Side.SELL, str(exit_price), profit, reduce_only=True, **changes)


def returns(
    source: str = AGENT, policy: str = "", last: int = 250, account: str = "paper-1"
) -> list[Decimal]:
    found = closed_trips(account=account, source=source, instrument="EURUSD", policy=policy, last=last)
    return list(found.returns)


def test_a_trip_is_read_with_its_costs() -> None:
    trip()
    (gain,) = returns()
    assert gain == pytest.approx(Decimal("0.00094") / Decimal("1.1"))  # 100 USD less twice 3 of commission


def test_the_last_ones_count_oldest_first() -> None:
    for profit in ("100", "-100", "300"):
        trip(profit=profit)
    assert [gain > 0 for gain in returns()] == [True, False, True]
    assert len(returns(last=2)) == 2
    assert returns(last=2) == returns()[1:]


def test_a_policys_trips_are_those_it_began_whoever_followed_it() -> None:
    trip("trend v1")
    trip("trend v2", "-100")
    trip("trend v1", "200", source="agent:other")
    assert [gain > 0 for gain in returns(policy="trend v2")] == [False]
    assert [gain > 0 for gain in returns(policy="trend v1")] == [True, True]
    assert len(returns()) == 2
    assert returns(policy="trend v3") == []


def test_paper_says_nothing_of_live() -> None:
    trip("trend v1")
    ledger.open_account(slug="live-1", currency="USD", leverage=Decimal(30))
    Account.objects.filter(slug="live-1").update(environment="live")
    assert returns(policy="trend v1", account="live-1") == []
    assert len(returns(policy="trend v1")) == 1


def test_a_position_whose_beginning_is_out_of_sight_is_left_out() -> None:
    trade(Side.BUY, "1.1")
    Position.objects.filter(source=AGENT).update(quantity=3)  # as if two more lots came before all we look at
    trade(Side.SELL, "1.2", "10000", reduce_only=True)
    assert returns() == []


def test_nothing_traded_is_no_trip(account: AccountView) -> None:
    assert returns() == []
    assert closed_trips(account=account.slug, source=AGENT, instrument="EURUSD", last=9).is_paper
