"""Changes of a working order: one order with one more revision, and room for the larger until the answer."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.portfolio import audit, books, ledger
from apps.portfolio.domain.book import AccountView
from apps.portfolio.domain.order import OrderStatus, OrderType
from apps.portfolio.domain.report import ExecutionReport
from apps.portfolio.domain.terms import Terms
from apps.portfolio.domain.views import OrderView
from apps.portfolio.errors import NotAmendable
from apps.portfolio.models import OrderEvent, Reservation
from tests.portfolio.factories import approve, fill, tell
from tests.portfolio.racing import at_once

S = OrderStatus
D = Decimal


def resting(lots: str = "1", filled: str = "0") -> OrderView:
    """Put a buy limit at 1.1 to rest at the venue; it holds room at 1.2 with a margin of 1000."""
    order = approve(order_type=OrderType.LIMIT, price=D("1.1"), quantity=D(lots))
    ledger.claim(owner="gateway", fence=1, lease_s=60)
    tell(order, S.ACCEPTED, *([fill(quantity=D(filled))] if D(filled) else []))
    return books.order(order.client_order_id)


def ask(
    order: OrderView, lots: str = "2", price: str = "1.1", margin: str = "2000", ttl_s: int = 30
) -> OrderView:
    return ledger.request_amend(
        order_id=order.client_order_id,
        terms=Terms(quantity=D(lots), price=D(price)),
        reservation=ledger.ReservationTerms(price=D(price), margin=D(margin)),
        by="user:1",
        ttl_s=ttl_s,
    )


def stored(order: OrderView) -> Any:
    return books.order(order.client_order_id)


def room(order: OrderView) -> tuple[Any, ...]:
    held = Reservation.objects.get(order__client_order_id=order.client_order_id)
    return held.quantity, held.price, held.margin


def send(order: OrderView) -> OrderView:
    claimed = ledger.claim_amend(owner="gateway", fence=1)
    assert claimed is not None
    assert claimed.client_order_id == order.client_order_id
    return claimed


def test_asking_keeps_the_order_and_counts_a_revision(account: AccountView) -> None:
    order = resting()
    asked = ask(order)
    assert (asked.client_order_id, asked.status, asked.revision) == (
        order.client_order_id,
        S.REPLACE_PENDING,
        1,
    )
    assert (stored(order).quantity, stored(order).amendment.terms.quantity) == (1, 2)


def test_room_is_held_for_the_larger_until_the_venue_answers(account: AccountView) -> None:
    order = resting()
    ask(order, lots="2", price="1.05", margin="1900")
    assert room(order) == (2, D("1.05"), 1900)  # worth 2.1, where the old one is worth 1.2
    ledger.amend_done(order_id=order.client_order_id)
    assert room(order) == (2, D("1.05"), 1900)


def test_of_a_smaller_value_the_old_one_is_held(account: AccountView) -> None:
    order = resting()
    ask(order, lots="1.05", price="1.05", margin="900")
    held = room(order)
    assert (held[0], held[2]) == (D("1.05"), 1000)
    assert held[0] * held[1] >= D("1.2")


def test_a_smaller_order_keeps_its_room_until_the_venue_has_taken_it(account: AccountView) -> None:
    order = resting()
    ask(order, lots="0.5", margin="500")
    assert room(order) == (1, D("1.2"), 1000)
    ledger.amend_done(order_id=order.client_order_id)
    assert room(order) == (D("0.5"), D("1.1"), 500)


def test_a_refused_change_gives_back_what_it_would_have_taken(account: AccountView) -> None:
    order = resting()
    ask(order, lots="3", margin="3000")
    assert ledger.amend_refused(order_id=order.client_order_id, detail="10029")
    now = stored(order)
    assert (now.status, now.quantity, now.revision, now.amendment) == (S.ACCEPTED, 1, 1, None)
    assert room(order) == (1, D("1.2"), 1000)


def test_m11_fills_while_a_change_is_pending_are_booked_and_leave_it_pending(account: AccountView) -> None:
    order = resting()
    ask(order, lots="2", margin="2000")
    tell(order, S.PARTIALLY_FILLED, fill(quantity=D("0.4")))
    assert books.order(order.client_order_id).status is S.REPLACE_PENDING
    assert room(order) == (D("1.6"), D("1.1"), 1600)
    ledger.amend_done(order_id=order.client_order_id)
    now = stored(order)
    assert (now.status, now.filled, now.remaining) == (S.PARTIALLY_FILLED, D("0.4"), D("1.6"))
    assert room(order) == (D("1.6"), D("1.1"), 1600)


def test_the_old_size_filled_may_be_half_of_the_new_one(account: AccountView) -> None:
    order = resting()
    ask(order, lots="2")
    tell(order, S.PARTIALLY_FILLED, fill(quantity=D(1)))
    assert books.order(order.client_order_id).status is S.REPLACE_PENDING
    assert room(order)[0] == 1
    ledger.amend_refused(order_id=order.client_order_id, detail="too late")
    tell(order, S.FILLED)
    assert books.order(order.client_order_id).status is S.FILLED
    assert room(order)[0] == 0


def test_a_fill_beyond_the_old_size_proves_that_the_venue_took_the_new_one(account: AccountView) -> None:
    order = resting()
    ask(order, lots="2")
    applied = tell(order, S.PARTIALLY_FILLED, fill(quantity=D("1.5")))
    now = stored(order)
    assert (applied.status, now.quantity, now.overfill, now.amendment) == (S.PARTIALLY_FILLED, 2, False, None)
    assert room(order)[0] == D("0.5")


def test_terms_that_the_venue_shows_settle_a_change(account: AccountView) -> None:
    order = resting()
    asked = ask(order, lots="1", price="1.05")
    assert asked.amendment is not None
    for terms, revision in ((Terms.of(order), S.REPLACE_PENDING), (asked.amendment.terms, S.ACCEPTED)):
        seen = ExecutionReport(client_order_id=order.client_order_id, status=S.ACCEPTED, terms=terms)
        assert ledger.apply(account=order.account, report=seen).status is revision
    assert books.order(order.client_order_id).price == D("1.05")


def test_an_order_that_ends_while_a_change_is_pending_ends_under_its_old_terms(account: AccountView) -> None:
    order = resting()
    ask(order, lots="2")
    tell(order, S.CANCELLED)
    now = stored(order)
    assert (now.status, now.quantity, now.amendment) == (S.CANCELLED, 1, None)
    assert room(order)[0] == 0


def test_i1_a_change_is_taken_by_one_sender_once(committed: AccountView) -> None:
    order = resting()
    ask(order)
    taken = at_once(*[lambda: ledger.claim_amend(owner="gateway", fence=1)] * 6)
    assert [view.client_order_id for view in taken if view] == [order.client_order_id]


def test_only_its_own_sender_can_prove_that_a_change_was_not_sent(account: AccountView) -> None:
    order = resting()
    ask(order)
    send(order)
    assert not ledger.amend_not_sent(order_id=order.client_order_id, detail="gate", fence=2)
    assert ledger.amend_not_sent(order_id=order.client_order_id, detail="gate", fence=1)
    assert send(order).amendment is not None


def test_a_change_past_its_time_is_given_up(account: AccountView) -> None:
    order = resting()
    ask(order, ttl_s=0)
    assert ledger.claim_amend(owner="gateway", fence=1) is None
    assert books.order(order.client_order_id).status is S.ACCEPTED
    assert room(order)[0] == 1


def test_a_cancel_gives_up_a_change_that_nobody_has_sent(account: AccountView) -> None:
    order = resting()
    ask(order)
    assert ledger.request_cancel(order_id=order.client_order_id, by="user:1").status is S.CANCEL_PENDING
    assert room(order) == (1, D("1.2"), 1000)
    assert ledger.claim_amend(owner="gateway", fence=1) is None


@pytest.mark.parametrize("done", [True, False])
def test_a_cancel_does_not_wait_for_a_change_that_is_out(account: AccountView, done: bool) -> None:
    order = resting()
    ask(order)
    send(order)
    for _ in range(2):
        asked = ledger.request_cancel(order_id=order.client_order_id, by="user:1")
        assert asked.status is S.REPLACE_PENDING
        assert asked.amendment is not None
        assert asked.amendment.cancel
    answer = partial(ledger.amend_done if done else ledger.amend_refused, order_id=order.client_order_id)
    answer(detail="the venue has answered")
    assert (stored(order).status, stored(order).quantity) == (S.CANCEL_PENDING, 2 if done else 1)


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        (Terms(quantity=D(1), price=D("1.1")), "stands as you ask"),
        (Terms(quantity=D("0.4"), price=D("1.1")), "filled already"),
        (Terms(quantity=D("NaN"), price=D("1.1")), "finite"),
        (Terms(quantity=D(1)), "keeps one"),
        (Terms(quantity=D(-1), price=D("1.1")), "above zero"),
    ],
)
def test_what_cannot_be_asked_is_said_so(account: AccountView, terms: Terms, why: str) -> None:
    order = resting(filled="0.4")
    with pytest.raises(NotAmendable, match=why):
        ledger.request_amend(order_id=order.client_order_id, terms=terms, reservation=None, by="user:1")
    assert books.order(order.client_order_id).revision == 0


def test_i9_a_change_leaves_its_trace(account: AccountView) -> None:
    order = resting()
    ask(order)
    send(order)
    ledger.amend_done(order_id=order.client_order_id)
    kinds = OrderEvent.objects.order_by("-id").values_list("kind", flat=True)[:3]
    assert list(kinds) == ["amended", "amend_sent", "replace_pending"]
    assert audit.verify("paper-1") is None


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lots=st.integers(1, 30),
    before=st.integers(0, 9),
    between=st.integers(0, 9),
    done=st.booleans(),
)
def test_i10_room_equals_what_is_open_whatever_fills_and_whatever_the_venue_says(
    account: AccountView, lots: int, before: int, between: int, done: bool
) -> None:
    order = resting(filled=str(D(before) / 10))
    wanted = max(D(lots) / 10, order.filled + D("0.1"))
    if wanted != order.quantity:
        ask(order, lots=str(wanted))
    if between and order.filled + D(between) / 10 <= min(wanted, order.quantity):
        tell(order, S.PARTIALLY_FILLED, fill(quantity=D(between) / 10))
    answer = ledger.amend_done if done else ledger.amend_refused
    if books.order(order.client_order_id).status is S.REPLACE_PENDING:
        answer(order_id=order.client_order_id, **({} if done else {"detail": "no"}))
    now = stored(order)
    assert room(order)[0] == (now.remaining if not now.status.is_final else 0)
