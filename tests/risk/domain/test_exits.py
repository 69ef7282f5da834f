"""An exit never closes more than there is, whatever becomes of every order that is under way."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.domain.book import Book, OpenOrder
from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.checks import At
from apps.risk.domain.intent import classify
from apps.risk.domain.limits import RiskLimits
from tests.risk.cast import AGENT, around, book, opened, reasons, request, resting

D = Decimal
PERSON = "user:7"
EXIT: dict[str, Any] = {"side": Side.SELL, "reduce_only": True}
LIMIT, STOP, MARKET = OrderType.LIMIT, OrderType.STOP, OrderType.MARKET


def working(lots: str, kind: OrderType = LIMIT, **changes: Any) -> OpenOrder:
    """Return an open order that sells; a resting limit order unless told otherwise."""
    return opened(Side.SELL, lots, order_type=kind, **changes)


def leg(lots: str, bracket: str = "1", **changes: Any) -> OpenOrder:
    usual = {"source": f"protective:{bracket}", "reduce_only": True, "is_entry": False}
    return working(lots, STOP, **(usual | changes))


@pytest.mark.parametrize(
    ("orders", "room"),
    [
        ((), "2"),
        ((working("1"),), "2"),  # a resting entry: it may never fill, and an exit must not wait for it
        ((working("1", reduce_only=True),), "1"),
        ((working("1", in_doubt=True, status=OrderStatus.UNKNOWN),), "1"),
        ((working("1", MARKET, status=OrderStatus.SENDING),), "1"),  # fills at any moment
        ((working("1", MARKET, status=OrderStatus.APPROVED),), "1"),
        ((working("1", MARKET, status=OrderStatus.PARTIALLY_FILLED),), "1"),
        ((working("1.5", MARKET), working("1", reduce_only=True)), "0"),  # never below nothing
        ((opened(Side.BUY, "1", in_doubt=True),), "2"),  # may only make it longer
        ((working("1", MARKET, instrument="USDJPY", reduce_only=True),), "2"),
        ((leg("2"), leg("1")), "0"),  # one bracket counts as its largest leg
        ((leg("1"), leg("0.5"), leg("0.5", "2")), "0.5"),
    ],
)
def test_a_persons_exit_has_what_is_left_of_the_position(orders: tuple[OpenOrder, ...], room: str) -> None:
    held = book("2", orders=orders)
    asked = request(source=PERSON, **EXIT)
    assert classify(asked, held).closable == D(room)
    wanted = D(room) or D("0.01")
    assert reasons(replace(asked, quantity=wanted), held) == (set() if D(room) else {"reversal"})
    assert reasons(replace(asked, quantity=wanted + D("0.01")), held) == {"reversal"}


def test_enforcement_closes_beside_protective_orders_and_counts_one_in_doubt() -> None:
    asked = request(source="enforcement:1", **EXIT)
    assert classify(asked, book("2", orders=[leg("2"), leg("2")])).closable == 2
    doubtful = book("2", orders=[leg("2", in_doubt=True)])
    assert classify(asked, doubtful).closable == 0


def test_the_other_leg_of_a_bracket_takes_nothing_from_its_sibling() -> None:
    asked = request(source="protective:1", order_type=STOP, price=D("1.24"), **EXIT)
    assert classify(asked, book("2", orders=[leg("2")])).closable == 2
    assert classify(asked, book("2", orders=[leg("2", "2")])).closable == 0
    assert classify(asked, book("2", orders=[leg("1", in_doubt=True)])).closable == 1


def test_a_reversal_is_judged_with_its_first_leg_unfilled() -> None:
    first = working("1", MARKET, reduce_only=True, is_entry=False, status=OrderStatus.APPROVED)
    second = request(side=Side.SELL)
    assert classify(second, book("1", orders=[first])).account_entry
    again = request(**EXIT)
    assert reasons(again, book("1", orders=[first])) == {"reversal"}


@pytest.mark.parametrize("lots", ["0.005", "0.013", "0.0101"])
def test_closing_all_that_is_left_leaves_no_dust(lots: str) -> None:
    asked = request(source=PERSON, quantity=D(lots), **EXIT)
    assert reasons(asked, book(lots)) == set()
    assert reasons(asked, book("1")) & {"lot_step", "lot_min"}


@pytest.mark.parametrize("quantity", ["NaN", "sNaN", "Infinity", "-1", "0"])
def test_an_exit_of_no_quantity_is_denied_and_does_not_raise(quantity: str) -> None:
    found = reasons(request(quantity=D(quantity), **EXIT), book("1"))
    assert "bad_quantity" in found or any(reason.startswith("check_error") for reason in found)


def orders_of(lots: int, kind: OrderType, reduces: bool, doubt: bool, buys: bool) -> OpenOrder:
    return opened(
        Side.BUY if buys else Side.SELL,
        str(D(lots) / 100),
        order_type=kind,
        reduce_only=reduces,
        is_entry=not reduces,
        in_doubt=doubt,
    )


some_orders = st.lists(
    st.builds(
        orders_of,
        st.integers(1, 300),
        st.sampled_from(list(OrderType)),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=6,
)


@given(st.integers(-500, 500), some_orders, st.booleans())
def test_whatever_is_in_doubt_fills_or_not_nothing_is_turned(
    lots: int, orders: list[OpenOrder], sells: bool
) -> None:
    """Fill the exit and every open reduction and doubtful order of its side: the position keeps its sign."""
    held = D(lots) / 100
    side = Side.SELL if sells else Side.BUY
    same = [order for order in orders if order.side is side]
    surely = sum((o.remaining for o in same if o.reduce_only or o.in_doubt), D(0))
    room = classify(
        request(source=PERSON, side=side, reduce_only=True), book(str(held), orders=orders)
    ).closable
    assert room is not None
    before = -held * side.sign
    assert room == 0 or room + surely <= before


@given(some_orders, st.integers(0, 500), st.integers(0, 500))
def test_an_agents_exit_fits_its_own_part(orders: list[OpenOrder], net: int, own: int) -> None:
    held: Book = book(str(D(net) / 100), own=str(D(own) / 100), orders=orders)
    intent = classify(request(source=AGENT, **EXIT), held)
    assert intent.closable is not None
    assert intent.closable <= D(own) / 100


NOTHING_IN_FORCE: dict[str, Any] = {
    "limits": RiskLimits(()),
    "quotes": {},
    "is_open": False,
    "wall_now": None,
}


@pytest.mark.parametrize("source", [PERSON, "token:abc", AGENT, "enforcement:1", "protective:1"])
@pytest.mark.parametrize("kind", [MARKET, LIMIT, STOP])
def test_leaving_needs_neither_limits_nor_quotes_nor_permission(source: str, kind: OrderType) -> None:
    """I11: no row, no quote, no class, no token, no session, every breaker halted, and one may leave."""
    asked = request(source=source, order_type=kind, price=None if kind is MARKET else D("1.25"), **EXIT)
    where = around(permitted=(), restricted=frozenset({"EURUSD"}), alone=False, resting=(resting(Side.BUY),))
    held = book("1", enabled=False, entries_blocked="position differs", pack="martian")
    levels = dict.fromkeys(At, BreakerLevel.HALTED)
    assert reasons(asked, held, around=where, levels=levels, **NOTHING_IN_FORCE) == set()
    assert reasons(asked, held, around=where, levels=levels, limits=RiskLimits(())) == set()
