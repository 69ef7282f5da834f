from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from apps.portfolio import audit, books, clock, ledger, locks
from apps.portfolio.domain.book import AccountView
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.errors import UnknownAccount, UnknownOrder
from apps.portfolio.models import Order, OrderEvent, Reservation
from tests.portfolio.factories import approve, fill, request, send, tell
from tests.portfolio.racing import at_once

S = OrderStatus
PAIRS = ("EURUSD", "GBPUSD", "USDJPY", "XAUUSD")


def claim(fence: int = 1, lease_s: float = 60) -> str | None:
    view = ledger.claim(owner=f"gateway-{fence}", fence=fence, lease_s=lease_s)
    return view.client_order_id if view else None


def room(order_id: str) -> Decimal:
    held: Decimal = Reservation.objects.get(order__client_order_id=order_id).quantity
    return held


def test_a_claimed_order_is_sending_and_names_its_sender(account: AccountView) -> None:
    order = approve()
    view = ledger.claim(owner="gateway", fence=7, lease_s=60)
    assert view == books.order(order.client_order_id)
    assert (view.status, view.owner, view.fence) == (S.SENDING, "gateway", 7)
    assert view.sent_at is not None
    assert claim() is None


def test_the_oldest_goes_first(account: AccountView) -> None:
    orders = [approve(instrument=name).client_order_id for name in PAIRS]
    assert [claim() for _ in PAIRS] == orders


def test_i1_claims_at_once_never_take_the_same_order(committed: AccountView) -> None:
    orders = {approve(instrument=name).client_order_id for name in PAIRS}
    claimed = [found for found in at_once(*[claim] * 8) if found]
    # A claim that met another one on its way may come back with nothing: the sweep asks again.
    while found := claim():
        claimed.append(found)
    assert sorted(claimed) == sorted(orders)


def test_an_entry_waits_for_what_is_older_in_its_instrument(account: AccountView) -> None:
    first, second = approve(), approve()
    assert [claim(), claim()] == [first.client_order_id, None]
    tell(first, S.ACCEPTED)
    assert claim() == second.client_order_id


def test_the_second_leg_waits_until_the_first_has_ended(account: AccountView) -> None:
    close = approve(signal_key="turn", leg=0, reduce_only=True)
    open_ = approve(signal_key="turn", leg=1)
    assert [claim(), claim()] == [close.client_order_id, None]
    tell(close, S.FILLED, fill())
    assert claim() == open_.client_order_id


def test_only_accounts_whose_venue_is_there_are_served(account: AccountView) -> None:
    approve()
    assert ledger.claim(owner="gateway", fence=1, lease_s=60, accounts=["another"]) is None
    assert ledger.claim(owner="gateway", fence=1, lease_s=60, accounts=["paper-1"]) is not None


def test_a_denied_order_holds_no_room_and_is_never_claimed(account: AccountView) -> None:
    order = approve(S.DENIED)
    assert claim() is None
    assert books.load("paper-1").open_orders == ()
    assert books.order(order.client_order_id).status is S.DENIED


def test_an_order_past_its_time_expires_and_frees_its_room(account: AccountView) -> None:
    order = approve(ttl_s=0)
    assert claim() is None
    assert books.order(order.client_order_id).status is S.EXPIRED
    assert room(order.client_order_id) == 0


def test_a_deadline_of_another_boot_has_passed(account: AccountView) -> None:
    order = approve(ttl_s=3600)
    Order.objects.update(boot_id="another boot")
    assert claim() is None
    assert books.order(order.client_order_id).status is S.EXPIRED
    assert clock.has_passed("another boot", clock.deadline_ns(3600))


def test_i6_entries_wait_while_an_order_of_the_instrument_is_in_doubt(account: AccountView) -> None:
    lost = send()
    ledger.mark_unknown(order_id=lost.client_order_id, detail="no answer")
    approve()
    exit_ = approve(reduce_only=True)
    other = approve(instrument="GBPUSD")
    assert [claim(), claim(), claim()] == [exit_.client_order_id, other.client_order_id, None]


def test_only_its_own_sender_can_prove_that_no_byte_left(account: AccountView) -> None:
    order = send()
    assert not ledger.not_sent(order_id=order.client_order_id, detail="gate", fence=2)
    assert ledger.not_sent(order_id=order.client_order_id, detail="gate", fence=1)
    assert claim(fence=2) == order.client_order_id


def test_p01_orders_of_a_lost_sender_are_in_doubt_and_keep_their_room(account: AccountView) -> None:
    lost, mine = send(), approve(instrument="GBPUSD")
    ledger.claim(owner="gateway", fence=2, lease_s=60)
    assert ledger.release_lost_senders(2) == [lost.client_order_id]
    assert books.order(mine.client_order_id).status is S.SENDING
    assert room(lost.client_order_id) == 1
    assert books.load("paper-1").has_doubt("EURUSD")


def test_an_ended_lease_is_doubt_even_before_anybody_says_so(account: AccountView) -> None:
    approve()
    claim(lease_s=0)
    assert books.load("paper-1").has_doubt("EURUSD")
    assert len(ledger.release_lost_senders(1)) == 1


def test_absent_frees_the_room_and_is_never_sent_again(account: AccountView) -> None:
    order = send()
    assert not ledger.mark_absent(order_id=order.client_order_id, detail="too early")
    ledger.mark_unknown(order_id=order.client_order_id, detail="no answer")
    assert ledger.mark_absent(order_id=order.client_order_id, detail="three empty rounds")
    assert room(order.client_order_id) == 0
    assert claim() is None


def test_cancelling_before_sending_needs_no_venue(account: AccountView) -> None:
    order = approve()
    assert ledger.request_cancel(order_id=order.client_order_id, by="user:1").status is S.CANCELLED
    assert not ledger.cancel_local(order_id=order.client_order_id)
    assert room(order.client_order_id) == 0


def test_cancelling_a_working_order_waits_for_the_venue(account: AccountView) -> None:
    order = send()
    assert ledger.request_cancel(order_id=order.client_order_id).status is S.SENDING
    tell(order, S.ACCEPTED)
    assert ledger.request_cancel(order_id=order.client_order_id).status is S.CANCEL_PENDING
    assert room(order.client_order_id) == 1
    assert tell(order, S.CANCELLED).status is S.CANCELLED


def test_a_refused_cancel_lets_the_order_work_on(account: AccountView) -> None:
    order = send()
    tell(order, S.PARTIALLY_FILLED, fill(quantity=Decimal("0.4")))
    ledger.request_cancel(order_id=order.client_order_id)
    assert ledger.cancel_refused(order_id=order.client_order_id, detail="market closed")
    assert books.order(order.client_order_id).status is S.PARTIALLY_FILLED


def test_the_gateway_hears_of_an_approved_order(committed: AccountView) -> None:
    with psycopg.connect(address(), autocommit=True) as listener:
        listener.execute("LISTEN mtq_orders")
        order = approve()
        heard = next(listener.notifies(timeout=10))
    assert heard.payload == order.client_order_id


def address() -> str:
    facts = connection.settings_dict
    return (
        f"host={facts['HOST']} port={facts['PORT']} dbname={facts['NAME']}"
        f" user={facts['USER']} password={facts['PASSWORD']}"
    )


def test_an_approved_entry_needs_terms_and_an_exit_does_not(account: AccountView) -> None:
    for reduce_only in (False, True):
        wanted = request(reduce_only=reduce_only)
        with transaction.atomic():
            locks.lock_account("paper-1")
            if reduce_only:
                open_plain(wanted)
            else:
                with pytest.raises(ValueError, match="needs the terms"), transaction.atomic():
                    open_plain(wanted)
    assert Order.objects.get().reduce_only


def open_plain(wanted: Any) -> None:
    ledger.open_order(
        request=wanted,
        order_id="f" * 24,
        status=S.APPROVED,
        quantity=wanted.quantity,
        reservation=None,
    )


def test_what_does_not_exist_is_said_so(account: AccountView) -> None:
    with pytest.raises(UnknownOrder):
        ledger.expire(order_id="nobody")
    with pytest.raises(UnknownAccount):
        books.load("nobody")


def test_i9_every_move_has_its_event_and_its_audit_entry(account: AccountView) -> None:
    order = send()
    tell(order, S.FILLED, fill())
    kinds = OrderEvent.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["approved", "sending", "fill", "filled"]
    assert audit.count([audit.chain_of("paper-1")]) == 1 + len(kinds)
    assert audit.verify("paper-1") is None
