from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.domain.book import AccountView, Book, NoMark, NoRate, OpenOrder
from apps.portfolio.domain.holding import Holding
from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from tests.portfolio.factories import quote, spec

SPECS = {name: spec(name) for name in ("EURUSD", "USDJPY")}
QUOTES = {"EURUSD": quote("EURUSD", "1.10", "1.12"), "USDJPY": quote("USDJPY", "150", "160")}


def opened(**changes: Any) -> OpenOrder:
    usual: dict[str, Any] = {
        "client_order_id": "a1",
        "source": "agent:a",
        "instrument": "EURUSD",
        "side": Side.BUY,
        "order_type": OrderType.MARKET,
        "remaining": Decimal(1),
        "price": Decimal("1.2"),
        "margin": Decimal(6000),
        "reduce_only": False,
        "status": OrderStatus.APPROVED,
        "is_entry": True,
    }
    return OpenOrder(**usual | changes)


def book(*orders: OpenOrder, **lots: tuple[str, str]) -> Book:
    return Book(
        account=AccountView(
            slug="paper-1",
            currency="USD",
            cash=Decimal(1000),
            leverage=Decimal(30),
            hedging=False,
            enabled=True,
        ),
        holdings={
            name: Holding(instrument=name, quantity=Decimal(size), average_price=Decimal(price))
            for name, (size, price) in lots.items()
        },
        open_orders=orders,
    )


@pytest.mark.parametrize(
    ("lots", "equity"),
    [
        ({}, "1000"),
        ({"EURUSD": ("1", "1.10")}, "1000"),
        ({"EURUSD": ("-1", "1.10")}, "-1000"),
        ({"USDJPY": ("0.1", "142")}, "1500"),
        ({"USDJPY": ("-0.1", "145")}, "0"),
    ],
)
def test_equity_closes_longs_at_the_bid_and_shorts_at_the_ask(
    lots: dict[str, tuple[str, str]], equity: str
) -> None:
    assert book(**lots).equity(QUOTES, SPECS) == Decimal(equity)


def test_a_position_without_a_price_has_no_worth() -> None:
    with pytest.raises(NoMark):
        book(EURUSD=("1", "1.1")).equity({}, SPECS)
    with pytest.raises(NoRate):
        book(EURJPY=("1", "160")).gross({"EURJPY": quote("EURJPY", "160", "161")}, {"EURJPY": spec("EURJPY")})


def test_a_crossed_quote_and_an_unknown_instrument_are_no_mark() -> None:
    held = book(EURUSD=("1", "1.1"))
    for quotes, specs in ((QUOTES, {}), ({"EURUSD": quote("EURUSD", "1.2", "1.1")}, SPECS)):
        with pytest.raises(NoMark):
            held.gross(quotes, specs)


def test_what_a_source_holds_is_asked_by_name() -> None:
    held = Book(account=book().account, virtual={("agent:a", "EURUSD"): Holding(instrument="EURUSD")})
    assert held.virtual_quantity("agent:a", "EURUSD") == held.virtual_quantity("agent:b", "EURUSD") == 0
    assert held.position_value("EURUSD", {}, {}) == 0


def test_a_flat_holding_needs_no_price() -> None:
    assert book(EURUSD=("0", "0")).equity({}, {}) == Decimal(1000)


def test_gross_and_margin_count_open_entries_at_their_reserved_price() -> None:
    held = book(opened(), opened(is_entry=False, reduce_only=True), EURUSD=("-1", "1.1"))
    assert held.gross(QUOTES, SPECS) == Decimal(111_000) + Decimal(120_000)
    assert held.margin_used(QUOTES, SPECS) == Decimal(111_000) * Decimal("0.05") + 6000


def test_net_takes_the_side_of_open_entries_that_is_worse() -> None:
    orders = (opened(), opened(client_order_id="a2", side=Side.SELL, remaining=Decimal(3)))
    assert book(*orders).net(QUOTES, SPECS) == Decimal(360_000)


def test_worst_cases_fill_one_side_only() -> None:
    held = book(opened(), opened(side=Side.SELL, remaining=Decimal(4)), EURUSD=("2", "1.1"))
    assert (held.worst_long("EURUSD"), held.worst_short("EURUSD")) == (Decimal(3), Decimal(2))


def test_open_reductions_may_be_asked_by_ticket_and_source() -> None:
    one = opened(reduce_only=True, ticket="7", side=Side.SELL)
    two = opened(reduce_only=True, ticket="8", side=Side.SELL, source="agent:b")
    held = book(one, two, opened())
    assert held.open_reductions("EURUSD") == 2
    assert held.open_reductions("EURUSD", "7") == held.open_reductions("EURUSD", source="agent:b") == 1


def test_i6_doubt_is_per_instrument() -> None:
    held = book(opened(status=OrderStatus.UNKNOWN, in_doubt=True))
    assert held.has_doubt("EURUSD")
    assert not held.has_doubt("USDJPY")


lots = st.integers(-50, 50).map(lambda steps: Decimal(steps) / 10)


@given(lots, st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 20).map(Decimal)), max_size=4))
def test_i3_no_way_of_filling_leaves_more_than_the_worst_case(
    held: Decimal, wanted: list[tuple[Side, Decimal]]
) -> None:
    orders = [opened(side=side, remaining=size) for side, size in wanted]
    every = book(*orders, EURUSD=(str(held), "1.1"))
    for mask in range(2 ** len(orders)):
        position = held + sum(
            order.remaining * order.side.sign for bit, order in enumerate(orders) if mask >> bit & 1
        )
        assert -every.worst_short("EURUSD") <= position <= every.worst_long("EURUSD")
