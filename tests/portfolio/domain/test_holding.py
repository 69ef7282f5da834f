from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.domain.holding import Holding, apply_fill, attribute, move, share, split_money
from apps.portfolio.domain.order import Side
from tests.portfolio.factories import fill

STEP = Decimal("0.01")
lots = st.integers(-500, 500).map(lambda steps: steps * STEP)
some_lots = lots.filter(bool)
prices = st.integers(1, 200_000).map(lambda points: points * Decimal("0.00001"))
sources = st.sampled_from(["agent:a", "agent:b", "agent:c", "external", "user:7", "token:ab12"])
holders = st.dictionaries(sources, lots, max_size=5)
movers = st.sampled_from(
    ["agent:a", "agent:new", "external", "user:7", "user:8", "token:ab12", "enforcement:3"]
)


def holding(quantity: str, price: str) -> Holding:
    return Holding(instrument="EURUSD", quantity=Decimal(quantity), average_price=Decimal(price))


@pytest.mark.parametrize(
    ("before", "by", "price", "after"),
    [
        (("0", "0"), "2", "1.10", ("2", "1.10")),
        (("2", "1.10"), "2", "1.20", ("4", "1.15")),
        (("-1", "1.10"), "-3", "1.20", ("-4", "1.175")),
        (("2", "1.10"), "-1", "1.30", ("1", "1.10")),
        (("2", "1.10"), "-2", "1.30", ("0", "0")),
        (("2", "1.10"), "-3", "1.30", ("-1", "1.30")),
    ],
)
def test_a_fill_weighs_keeps_or_resets_the_average(
    before: tuple[str, str], by: str, price: str, after: tuple[str, str]
) -> None:
    moved = move(holding(*before), by=Decimal(by), price=Decimal(price), cash=Decimal(0))
    assert moved == holding(*after)


def test_realized_is_the_venues_own_money() -> None:
    sold = fill(side=Side.SELL, profit=Decimal("12.34"), commission=Decimal(-3), swap=Decimal("-0.5"))
    assert apply_fill(holding("1", "1.1"), sold).realized == Decimal("8.84")


@given(st.lists(st.tuples(some_lots, prices), min_size=1, max_size=12))
def test_the_average_stays_between_the_prices_paid(trades: list[tuple[Decimal, Decimal]]) -> None:
    held = holding("0", "0")
    for by, price in trades:
        held = move(held, by=by, price=price, cash=Decimal(0))
    assert held.quantity == sum(by for by, _ in trades)
    paid = [price for _, price in trades]
    assert held.quantity == 0 or min(paid) <= held.average_price <= max(paid)


def test_a_close_is_shared_in_proportion_and_the_largest_takes_the_rest() -> None:
    held = {"agent:a": Decimal("0.50"), "agent:b": Decimal("0.30"), "agent:c": Decimal("-0.20")}
    assert share(Decimal("-0.33"), held, STEP) == {"agent:a": Decimal("-0.21"), "agent:b": Decimal("-0.12")}


@given(some_lots, holders)
def test_shares_never_exceed_what_is_held_and_add_up(closed: Decimal, held: dict[str, Decimal]) -> None:
    shares = share(closed, held, STEP)
    sign = 1 if closed > 0 else -1
    opposite = sum(-lots * sign for lots in held.values() if lots * sign < 0)
    assert sum(shares.values()) * sign == min(abs(closed), opposite)
    assert all(0 < part * sign <= -held[source] * sign for source, part in shares.items())


@given(some_lots, movers, st.booleans(), holders)
def test_every_fill_moves_virtual_positions_by_exactly_itself(
    by: Decimal, source: str, reduce_only: bool, held: dict[str, Decimal]
) -> None:
    parts = attribute(by, source=source, reduce_only=reduce_only, virtual=held, step=STEP)
    assert sum(parts.values()) == by


def test_an_agents_fill_is_its_own_even_against_another_agent() -> None:
    held = {"agent:b": Decimal(1)}
    assert attribute(Decimal(-1), source="agent:a", reduce_only=False, virtual=held, step=STEP) == {
        "agent:a": Decimal(-1)
    }


def test_what_somebody_else_opens_touches_no_agent() -> None:
    held = {"agent:a": Decimal(3), "agent:b": Decimal(-1)}
    parts = attribute(Decimal(1), source="external", reduce_only=False, virtual=held, step=STEP)
    assert parts == {"external": Decimal(1)}


def test_a_stop_that_reverses_leaves_the_excess_with_external() -> None:
    held = {"agent:a": Decimal(1)}
    parts = attribute(Decimal(-3), source="external", reduce_only=False, virtual=held, step=STEP)
    assert parts == {"agent:a": Decimal(-1), "external": Decimal(-2)}


@pytest.mark.parametrize("person", ["user:7", "token:ab12"])
def test_an_exit_of_a_person_or_client_closes_first_what_that_one_holds(person: str) -> None:
    held = {person: Decimal(1), "agent:a": Decimal(2)}
    parts = attribute(Decimal(-2), source=person, reduce_only=True, virtual=held, step=STEP)
    assert parts == {person: Decimal(-1), "agent:a": Decimal(-1)}


@pytest.mark.parametrize("person", ["user:7", "token:ab12"])
def test_what_a_person_or_client_opens_is_their_own_even_against_an_agent(person: str) -> None:
    parts = attribute(
        Decimal(-2), source=person, reduce_only=False, virtual={"agent:a": Decimal(3)}, step=STEP
    )
    assert parts == {person: Decimal(-2)}


@given(st.integers(-10_000, 10_000), st.dictionaries(sources, some_lots, min_size=1))
def test_split_money_adds_up_to_the_last_digit(cents: int, parts: dict[str, Decimal]) -> None:
    amount = Decimal(cents) / 100
    assert sum(split_money(amount, parts).values()) == amount
