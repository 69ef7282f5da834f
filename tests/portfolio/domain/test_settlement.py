from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.domain.order import MOVES, OrderStatus
from apps.portfolio.domain.settlement import next_status

S = OrderStatus
lots = st.integers(0, 20).map(Decimal)


def settle(current: OrderStatus, reported: OrderStatus, filled: str) -> OrderStatus:
    return next_status(current, reported, filled=Decimal(filled), quantity=Decimal(2))


@pytest.mark.parametrize(
    ("current", "reported", "filled", "after"),
    [
        (S.SENDING, S.ACCEPTED, "0", S.ACCEPTED),
        (S.SENDING, S.REJECTED, "0", S.REJECTED),
        (S.UNKNOWN, S.FILLED, "2", S.FILLED),
        (S.UNKNOWN, S.CANCELLED, "1", S.CANCELLED),
        (S.ACCEPTED, S.ACCEPTED, "0", S.ACCEPTED),
        (S.ACCEPTED, S.PARTIALLY_FILLED, "1", S.PARTIALLY_FILLED),
        (S.PARTIALLY_FILLED, S.PARTIALLY_FILLED, "1.5", S.PARTIALLY_FILLED),
        (S.PARTIALLY_FILLED, S.EXPIRED, "1", S.EXPIRED),
        # The venue says filled, but not all fills are here yet: the room must stay.
        (S.SENDING, S.FILLED, "0", S.ACCEPTED),
        (S.SENDING, S.FILLED, "1", S.PARTIALLY_FILLED),
        # An old report must not take an order back.
        (S.PARTIALLY_FILLED, S.ACCEPTED, "1", S.PARTIALLY_FILLED),
        # A cancel on its way stays so through fills and old news, until the order ends.
        (S.CANCEL_PENDING, S.ACCEPTED, "0", S.CANCEL_PENDING),
        (S.CANCEL_PENDING, S.PARTIALLY_FILLED, "1", S.CANCEL_PENDING),
        (S.CANCEL_PENDING, S.FILLED, "2", S.FILLED),
        (S.CANCEL_PENDING, S.CANCELLED, "1", S.CANCELLED),
        (S.CANCEL_PENDING, S.REJECTED, "0", S.CANCELLED),
        # What is not a venue's word changes nothing.
        (S.SENDING, S.APPROVED, "0", S.SENDING),
        (S.SENDING, S.UNKNOWN, "0", S.SENDING),
        (S.FILLED, S.CANCELLED, "2", S.FILLED),
        (S.ABSENT, S.FILLED, "2", S.ABSENT),
    ],
)
def test_a_report_leaves_the_order_where(
    current: OrderStatus, reported: OrderStatus, filled: str, after: OrderStatus
) -> None:
    assert settle(current, reported, filled) is after


@given(st.sampled_from(S), st.sampled_from(S), lots, lots)
def test_i5_no_report_makes_an_illegal_move(
    current: OrderStatus, reported: OrderStatus, filled: Decimal, more: Decimal
) -> None:
    after = next_status(current, reported, filled=filled, quantity=filled + more)
    assert after is current or after in MOVES[current]


@given(st.sampled_from(S), st.sampled_from(S), lots, lots)
def test_the_same_report_again_changes_nothing(
    current: OrderStatus, reported: OrderStatus, filled: Decimal, more: Decimal
) -> None:
    once = next_status(current, reported, filled=filled, quantity=filled + more)
    assert next_status(once, reported, filled=filled, quantity=filled + more) is once
