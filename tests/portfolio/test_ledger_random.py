"""Doors called in any order: every move stays legal, room follows the state, the chain holds."""

from collections.abc import Callable
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.portfolio import audit, books, ledger
from apps.portfolio.domain.book import AccountView
from apps.portfolio.domain.order import MOVES, OrderStatus
from apps.portfolio.domain.views import OrderView
from apps.portfolio.models import OrderEvent, Reservation
from tests.portfolio.factories import approve, fill, tell

Act = Callable[[OrderView], object]
S = OrderStatus
PART = Decimal("0.25")


def by_id(door: Callable[..., object]) -> Act:
    return lambda order: door(order_id=order.client_order_id, detail="random")


def reported(status: OrderStatus) -> Act:
    return lambda order: tell(order, status)


def filled(order: OrderView) -> None:
    tell(order, S.PARTIALLY_FILLED, fill(quantity=PART))


ACTS: dict[str, Act] = {
    "claim": lambda _: ledger.claim(owner="gateway", fence=1, lease_s=60),
    "lose senders": lambda _: ledger.release_lost_senders(2),
    "fill": filled,
    "cancel": lambda order: ledger.request_cancel(order_id=order.client_order_id),
    "not sent": by_id(ledger.not_sent),
    "unknown": by_id(ledger.mark_unknown),
    "absent": by_id(ledger.mark_absent),
    "expire": by_id(ledger.expire),
    "cancel locally": by_id(ledger.cancel_local),
    "refuse the cancel": by_id(ledger.cancel_refused),
    **{f"report {status}": reported(status) for status in S},
}


@given(st.lists(st.sampled_from(sorted(ACTS)), min_size=3, max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_i5_no_sequence_of_calls_breaks_the_rules(account: AccountView, names: list[str]) -> None:
    order = approve()
    for name in names:
        ACTS[name](order)
    after = books.order(order.client_order_id)
    events = OrderEvent.objects.filter(order__client_order_id=order.client_order_id).order_by("id")
    steps = [(e.old_status, e.new_status) for e in events if e.old_status and e.old_status != e.new_status]
    assert all(S(new) in MOVES[S(old)] for old, new in steps)
    assert after.status == (steps[-1][1] if steps else S.APPROVED)
    room = Reservation.objects.get(order__client_order_id=order.client_order_id).quantity
    assert room == (0 if after.status.is_final else after.remaining)
    assert after.filled == PART * names.count("fill")
    assert after.late_fill or not after.overfill
    assert audit.verify("paper-1") is None
    end(order)


def end(order: OrderView) -> None:
    """Leave nothing behind that would keep the next example's order waiting."""
    ledger.expire(order_id=order.client_order_id)
    tell(order, S.CANCELLED)
