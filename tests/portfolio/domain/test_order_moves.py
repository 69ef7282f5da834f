from itertools import product

import pytest

from apps.portfolio.domain.order import MOVES, IllegalMove, OrderStatus, check_move

S = OrderStatus
# Written by hand from the table of states, so that the two cannot be wrong together.
LEGAL = {
    S.APPROVED: "sending expired cancelled",
    S.SENDING: "accepted partially_filled filled cancelled expired rejected unknown approved",
    S.UNKNOWN: "accepted partially_filled filled cancelled rejected expired absent",
    S.ACCEPTED: "partially_filled filled cancel_pending replace_pending cancelled expired rejected",
    S.PARTIALLY_FILLED: ("partially_filled filled cancel_pending replace_pending cancelled expired rejected"),
    S.CANCEL_PENDING: "accepted partially_filled filled cancelled expired",
    S.REPLACE_PENDING: "accepted partially_filled filled cancelled expired",
}


@pytest.mark.parametrize(("old", "new"), list(product(S, S)))
def test_i5_only_listed_moves_are_legal(old: OrderStatus, new: OrderStatus) -> None:
    if new.value in LEGAL.get(old, "").split():
        check_move(old, new)
    else:
        with pytest.raises(IllegalMove):
            check_move(old, new)


def test_ends_have_no_way_out() -> None:
    ends = {status for status in S if status.is_final}
    assert ends == {S.DENIED, S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED, S.ABSENT}
    assert not any(MOVES[end] for end in ends)
