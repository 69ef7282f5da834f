"""Round trips add up to what a holding has realized, whatever was opened, cut, closed or turned around."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.domain.holding import Holding, move
from apps.portfolio.domain.trips import Deal, Trip, Trips, deal_of, returns_on_notional, round_trips
from tests.portfolio.factories import NOW

D = Decimal
lots = st.integers(-300, 300).filter(bool).map(lambda steps: steps * D("0.01"))
cents = st.integers(-100_000, 100_000).map(lambda number: D(number) / 100)
costs = st.integers(-3000, 0).map(lambda number: D(number) / 1000)
prices = st.integers(90_000, 130_000).map(lambda points: points * D("0.00001"))


def deal(by: str, price: str, profit: str = "0", **changes: Any) -> Deal:
    usual: dict[str, Any] = {"at": NOW, "charges": D(-3), "swap": D(0), "policy": "trend v1"}
    return Deal(by=D(by), price=D(price), profit=D(profit), **(usual | changes))


def trips(*deals: Deal, **changes: Any) -> Trips:
    return round_trips(deals, **changes)


def only(found: Trips) -> Trip:
    (trip,) = found.closed
    return trip


def test_a_trip_begins_and_ends_with_nothing_held() -> None:
    found = only(trips(deal("2", "1.10"), deal("-2", "1.11", "2000", at=NOW + timedelta(hours=1))))
    assert (found.opened, found.held) == (D(2), D(0))
    assert (found.profit, found.costs) == (D(1994), D(-6))
    assert (found.entry_value, found.exit_value, found.gained) == (D("2.20"), D("2.22"), D("0.02"))
    assert (found.opened_at, found.closed_at) == (NOW, NOW + timedelta(hours=1))


def test_partial_closes_and_additions_are_one_trip() -> None:
    found = trips(
        deal("-1", "1.10"), deal("-1", "1.12"), deal("0.5", "1.10", "500"), deal("1.5", "1.09", "3000")
    )
    trip = only(found)
    assert (trip.opened, trip.gained, trip.profit) == (D(-2), D("2.22") - D("2.185"), D(3488))
    assert found.open is None


def test_a_reversal_ends_one_trip_and_begins_the_next() -> None:
    found = trips(deal("1", "1.10", policy="old"), deal("-3", "1.12", "2000", policy="new", swap=D(-2)))
    ended = only(found)
    # Of 3 USD commission a third belongs to the lot that was closed, and the nights all do.
    assert (ended.profit, ended.costs, ended.policy) == (D(2000) - 3 - 1 - 2, D(-6), "old")
    assert found.open is not None
    assert (found.open.held, found.open.profit, found.open.policy) == (D(-2), D(-2), "new")


def test_what_was_held_before_the_first_deal_is_no_trip() -> None:
    found = trips(deal("-1", "1.10", "500"), deal("1", "1.10"), deal("-1", "1.12", "2000"), held=D(1))
    assert only(found).profit == 1994
    assert trips(deal("-2", "1.1"), held=D(1)).open is not None


@given(st.lists(st.tuples(lots, prices, cents, costs, costs), max_size=30))
def test_profits_of_all_trips_are_what_the_holding_realized(rows: list[tuple[Decimal, ...]]) -> None:
    deals = [
        Deal(at=NOW, by=by, price=price, profit=profit, charges=charges, swap=swap)
        for by, price, profit, charges, swap in rows
    ]
    holding = Holding(instrument="EURUSD")
    for each in deals:
        holding = move(holding, by=each.by, price=each.price, cash=each.cash)
    found = round_trips(deals)
    under_way = (found.open,) if found.open else ()
    assert sum((trip.profit for trip in (*found.closed, *under_way)), D(0)) == holding.realized
    assert sum((trip.held for trip in under_way), D(0)) == holding.quantity
    assert all(trip.held == 0 and trip.closed_at for trip in found.closed)


@given(lots, st.lists(lots, min_size=1, max_size=4), cents, costs, costs)
def test_a_source_gets_the_money_its_holding_was_booked(
    own: Decimal, others: list[Decimal], profit: Decimal, charges: Decimal, swap: Decimal
) -> None:
    shares = {"agent:a": own} | {f"agent:{number}": part for number, part in enumerate(others)}
    parts = [
        deal_of(name, at=NOW, price=D(1), profit=profit, charges=charges, swap=swap, shares=shares)
        for name in shares
    ]
    assert sum(part.cash for part in parts) == profit + charges + swap
    assert sum(part.by for part in parts) == sum(shares.values())


def test_a_return_is_after_costs_and_a_share_of_what_was_opened() -> None:
    # 100,000 a lot, booked at a rate of 2: 1 lot from 1.00 to 1.01 makes 2,000, costs of 6 are 3 of it.
    found = trips(deal("1", "1.00"), deal("-1", "1.01", "2000"))
    assert returns_on_notional(found.closed) == [D("0.01") - D(6) / 2 / 100_000]


def test_where_no_price_moved_costs_are_still_a_loss() -> None:
    (gain,) = returns_on_notional(trips(deal("1", "1.1"), deal("-1", "1.1")).closed)
    assert gain < 0


@pytest.mark.parametrize(("by", "exit_price"), [("1", "1.2"), ("-1", "1.0")])
def test_long_and_short_gain_on_their_own_side(by: str, exit_price: str) -> None:
    back = str(-D(by))
    found = trips(deal(by, "1.1", charges=D(0)), deal(back, exit_price, "10000", charges=D(0)))
    assert returns_on_notional(found.closed) == [D("0.1") / D("1.1")]
