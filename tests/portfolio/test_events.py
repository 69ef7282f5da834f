"""Every event in every state, on the real database: the listed ones move the order, others change nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.db import transaction

from apps.portfolio import books, clock, ledger
from apps.portfolio.domain.book import AccountView
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.terms import Amendment, Terms
from apps.portfolio.errors import NotAmendable
from apps.portfolio.models import Order, OrderEvent
from tests.portfolio.factories import approve, fill, tell
from tests.portfolio.states import put_into

S = OrderStatus
HALF = Decimal("0.4")
LARGER = Terms(quantity=Decimal(2))


def report(status: OrderStatus, lots: Decimal = Decimal(0)) -> Callable[[str], Any]:
    def act(order_id: str) -> None:
        fills = (fill(quantity=lots),) if lots else ()
        tell(books.order(order_id), status, *fills)

    return act


def ask_to_amend(order_id: str) -> None:
    terms = ledger.ReservationTerms(price=Decimal("1.2"), margin=Decimal(2000))
    ledger.request_amend(order_id=order_id, terms=LARGER, reservation=terms, by="user:1")


EVENTS: dict[str, Callable[[str], Any]] = {
    "claim": lambda _: ledger.claim(owner="gateway", fence=1, lease_s=60),
    "accepted": report(S.ACCEPTED),
    "partial": report(S.PARTIALLY_FILLED, HALF),
    "filled": report(S.FILLED, Decimal(1)),
    "cancelled": report(S.CANCELLED),
    "rejected": report(S.REJECTED),
    "expired": report(S.EXPIRED),
    "not sent": lambda key: ledger.not_sent(order_id=key, detail="gate", fence=1),
    "in doubt": lambda key: ledger.mark_unknown(order_id=key, detail="no answer"),
    "absent": lambda key: ledger.mark_absent(order_id=key, detail="empty rounds"),
    "take back": lambda key: ledger.request_cancel(order_id=key, by="user:1"),
    "take back unsent": lambda key: ledger.cancel_local(order_id=key),
    "cancel refused": lambda key: ledger.cancel_refused(order_id=key, detail="market closed"),
    "overdue": lambda key: ledger.expire(order_id=key),
    "amend": ask_to_amend,
    "claim amend": lambda _: ledger.claim_amend(owner="gateway", fence=2),
    "amend not sent": lambda key: ledger.amend_not_sent(order_id=key, detail="gate", fence=1),
    "amended": lambda key: ledger.amend_done(order_id=key),
    "amend refused": lambda key: ledger.amend_refused(order_id=key, detail="no"),
}
AT_WORK = (S.ACCEPTED, S.PARTIALLY_FILLED)
SENT = (S.SENDING, S.UNKNOWN, *AT_WORK, S.CANCEL_PENDING, S.REPLACE_PENDING)
# What moves, written by hand from fault-matrix.md section 3; the venue's word on an order that was taken for
# unsent is the truth too. Every other pair leaves the order where it is.
MOVES: dict[str, dict[OrderStatus, OrderStatus]] = {
    "claim": {S.APPROVED: S.SENDING},
    "accepted": dict.fromkeys((S.APPROVED, S.SENDING, S.UNKNOWN), S.ACCEPTED),
    "partial": dict.fromkeys((S.APPROVED, S.SENDING, S.UNKNOWN, S.ACCEPTED), S.PARTIALLY_FILLED),
    "filled": dict.fromkeys((S.APPROVED, *SENT), S.FILLED),
    "cancelled": dict.fromkeys((S.APPROVED, *SENT), S.CANCELLED),
    "rejected": dict.fromkeys((S.SENDING, S.UNKNOWN, *AT_WORK), S.REJECTED)
    | dict.fromkeys((S.CANCEL_PENDING, S.REPLACE_PENDING), S.CANCELLED),
    "expired": dict.fromkeys((S.APPROVED, *SENT), S.EXPIRED),
    "not sent": {S.SENDING: S.APPROVED},
    "in doubt": {S.SENDING: S.UNKNOWN},
    "absent": {S.UNKNOWN: S.ABSENT},
    # Of a change that is with the venue only a mark is made: it is asked to cancel the order as it is.
    "take back": {S.APPROVED: S.CANCELLED} | dict.fromkeys(AT_WORK, S.CANCEL_PENDING),
    "take back unsent": {S.APPROVED: S.CANCELLED},
    "cancel refused": {S.CANCEL_PENDING: S.ACCEPTED},
    "overdue": {S.APPROVED: S.EXPIRED},
    "amend": dict.fromkeys(AT_WORK, S.REPLACE_PENDING),
    "amended": {S.REPLACE_PENDING: S.ACCEPTED},
    "amend refused": {S.REPLACE_PENDING: S.ACCEPTED},
}
# What is booked without a move: the venue is right about money in every state, and a mark of the sender.
BOOKED = {(name, state) for name in ("partial", "filled") for state in S}
MARKED = {("amend not sent", S.REPLACE_PENDING), ("take back", S.REPLACE_PENDING)}
ENDS = {S.DENIED, S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED, S.ABSENT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The order after an event, and how many events of it were written."""

    order: Order
    news: int


Attempt = Callable[[str, OrderStatus], Tried]


@pytest.fixture
def row(account: AccountView) -> Order:
    return Order.objects.get(client_order_id=approve().client_order_id)


@pytest.fixture
def each(row: Order) -> Callable[[str, OrderStatus], Tried]:
    """Try an event in a state, and take everything back before the next one."""

    def attempt(event: str, state: OrderStatus) -> Tried:
        place = transaction.savepoint()
        asked = Amendment(
            terms=LARGER,
            by="user:1",
            breaker_epochs={},
            boot_id=clock.boot_id(),
            deadline_boottime_ns=clock.deadline_ns(60),
            sender="gateway",
            fence=1,
        )
        put_into(state, row, amendment=asked.as_json() if state is S.REPLACE_PENDING else None)
        before = OrderEvent.objects.count()
        try:
            EVENTS[event](row.client_order_id)
        except NotAmendable:
            assert event == "amend"
        stored = Order.objects.get(pk=row.pk)
        news = OrderEvent.objects.count() - before
        transaction.savepoint_rollback(place)
        return Tried(order=stored, news=news)

    return attempt


@pytest.mark.parametrize("event", EVENTS)
def test_i5_an_event_moves_an_order_only_where_the_table_says_so(each: Attempt, event: str) -> None:
    wrong = []
    for state in S:
        stored = each(event, state).order
        if stored.status != MOVES.get(event, {}).get(state, state):
            wrong.append(f"{event} in {state}: {stored.status}")
    assert wrong == []


@pytest.mark.parametrize("event", EVENTS)
def test_i9_what_moves_nothing_writes_nothing(each: Attempt, event: str) -> None:
    quiet = [
        state for state in S if state not in MOVES.get(event, {}) and (event, state) not in BOOKED | MARKED
    ]
    assert [state for state in quiet if each(event, state).news] == []


@pytest.mark.parametrize(("event", "state"), list(product(("partial", "filled"), sorted(ENDS))))
def test_i5_a_fill_after_an_end_is_booked_with_a_flag(each: Attempt, event: str, state: OrderStatus) -> None:
    stored = each(event, state).order
    assert (stored.status, stored.late_fill) == (state, True)
    assert stored.filled == (HALF if event == "partial" else 1)


@pytest.mark.parametrize("state", [S.CANCEL_PENDING, S.REPLACE_PENDING])
def test_m11_a_partial_fill_is_booked_and_keeps_what_is_pending(each: Attempt, state: OrderStatus) -> None:
    stored = each("partial", state).order
    assert (stored.status, stored.filled) == (state, HALF)


def test_a_change_that_somebody_sends_is_not_taken_again(each: Attempt) -> None:
    asked = each("claim amend", S.REPLACE_PENDING).order.amendment
    assert asked is not None
    assert asked["fence"] == 1
