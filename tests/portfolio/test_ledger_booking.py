from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from apps.portfolio import audit, books, ledger, locks
from apps.portfolio.domain.book import AccountView
from apps.portfolio.domain.order import OrderStatus, Side
from apps.portfolio.domain.report import CashMovement, FillReason, ReportedFill
from apps.portfolio.errors import BadReport, UnknownOrder
from apps.portfolio.models import AuditEntry, Fill, Order, OrderEvent, Reservation, ScopeShare
from tests.portfolio.factories import AGENT, NOW, approve, fill, report, send, tell
from tests.portfolio.racing import at_once, deaf_store

S = OrderStatus
D = Decimal


def kinds() -> list[str]:
    return [event.kind for event in books.events_after(0)]


def virtual() -> dict[str, Decimal]:
    return {source: held.quantity for (source, _), held in books.load("paper-1").virtual.items()}


def test_a_fill_moves_position_cash_and_room(account: AccountView) -> None:
    order = send(quantity=D(2))
    applied = tell(order, S.PARTIALLY_FILLED, fill(quantity=D("0.5"), commission=D("-1.75")))
    book = books.load("paper-1")
    assert applied.status is S.PARTIALLY_FILLED
    assert book.account.cash == D("-1.75")
    assert book.quantity("EURUSD") == book.virtual_quantity(AGENT, "EURUSD") == D("0.5")
    assert (book.open_orders[0].remaining, book.open_orders[0].margin) == (D("1.5"), D(750))


def test_a_filled_order_holds_no_room(account: AccountView) -> None:
    assert tell(send(), S.FILLED, fill()).status is S.FILLED
    assert books.load("paper-1").open_orders == ()
    assert Reservation.objects.get().quantity == 0


def test_i4_the_same_report_again_changes_nothing(account: AccountView) -> None:
    order = send()
    said = report(order, S.FILLED, fill())
    assert len(ledger.apply(account="paper-1", report=said).new_fills) == 1
    before, told = books.load("paper-1"), kinds()
    assert ledger.apply(account="paper-1", report=said).new_fills == ()
    assert (books.load("paper-1"), kinds()) == (before, told)


def test_i4_reports_at_once_book_a_fill_once(committed: AccountView) -> None:
    said = report(send(), S.FILLED, fill())
    results = at_once(*[lambda: ledger.apply(account="paper-1", report=said)] * 4)
    assert sum(len(result.new_fills) for result in results) == 1
    assert books.position("paper-1", "EURUSD") == 1
    assert audit.verify("paper-1") is None


@pytest.mark.parametrize("order_of_fills", list(permutations(range(3))))
def test_fills_may_come_in_any_order(account: AccountView, order_of_fills: tuple[int, ...]) -> None:
    prices = (D("1.1"), D("1.2"), D("1.4"))
    fills = [fill(quantity=D("0.2") * (n + 1), price=price) for n, price in enumerate(prices)]
    order = send(quantity=D("1.2"))
    for place in order_of_fills:
        tell(order, S.FILLED, fills[place])
    view = books.order(order.client_order_id)
    assert (view.status, view.filled) == (S.FILLED, D("1.2"))
    assert view.average_price == D("1.2833333333")


@pytest.mark.parametrize("is_ours", [True, False])
def test_i11_while_a_store_of_prices_is_silent_the_account_is_free(
    committed: AccountView, settings: Settings, is_ours: bool
) -> None:
    order = send()
    tell(order, S.CANCELLED)
    late = partial(tell, order, S.CANCELLED, fill())
    foreign = partial(ledger.book_external, account="paper-1", fills=[fill()])
    with ThreadPoolExecutor(1) as pool, deaf_store() as (settings.REDIS_URL, called):
        booking = pool.submit(at_once, late if is_ours else foreign)
        assert called.wait(10)
        with transaction.atomic():
            locks.lock_account("paper-1")
    booking.result()
    counted = ScopeShare.objects.get(scope="desk").uses
    assert (books.position("paper-1", "EURUSD"), D(counted["gross|EURUSD"])) == (D(1), D(110_000))


def test_p07_a_fill_after_the_end_is_booked_and_flagged(account: AccountView) -> None:
    order = send()
    tell(order, S.CANCELLED)
    assert tell(order, S.CANCELLED, fill()).status is S.CANCELLED
    assert books.order(order.client_order_id).late_fill
    assert books.position("paper-1", "EURUSD") == 1
    assert [event.kind for event in books.events_after(0, ["late_fill"])] == ["late_fill"]


def test_p07_a_fill_of_an_absent_order_blocks_entries(account: AccountView) -> None:
    order = send()
    ledger.mark_unknown(order_id=order.client_order_id, detail="no answer")
    ledger.mark_absent(order_id=order.client_order_id, detail="three empty rounds")
    tell(order, S.FILLED, fill())
    assert books.order(order.client_order_id).status is S.ABSENT
    assert order.client_order_id in books.account("paper-1").entries_blocked


def test_i9_that_an_absent_order_blocks_entries_is_in_the_chain(account: AccountView) -> None:
    order = send()
    ledger.mark_unknown(order_id=order.client_order_id, detail="no answer")
    ledger.mark_absent(order_id=order.client_order_id, detail="three empty rounds")
    tell(order, S.FILLED, fill())
    tell(order, S.FILLED, fill())
    (entry,) = AuditEntry.objects.filter(kind="account.entries_blocked")
    why = books.account("paper-1").entries_blocked
    assert (entry.chain, entry.payload) == ("account:paper-1", {"reason": why, "by": "desk"})
    assert audit.verify("paper-1") is None


def test_m12_more_than_was_asked_is_booked_and_flagged(account: AccountView) -> None:
    order = send()
    assert tell(order, S.FILLED, fill(quantity=D("1.5"))).status is S.FILLED
    view = books.order(order.client_order_id)
    assert (view.overfill, view.filled, view.quantity) == (True, D("1.5"), D(1))
    assert "overfill" in kinds()


def test_i6_an_unknown_order_is_found_again(account: AccountView) -> None:
    order = send()
    ledger.mark_unknown(order_id=order.client_order_id, detail="no answer")
    assert tell(order, S.FILLED, fill()).status is S.FILLED
    assert not books.load("paper-1").has_doubt("EURUSD")


@pytest.mark.parametrize("fills", [(), (fill(),)])
def test_i1_what_the_venue_has_leaves_the_line_even_if_it_was_proven_unsent(
    account: AccountView, fills: tuple[ReportedFill, ...]
) -> None:
    order = send()
    ledger.not_sent(order_id=order.client_order_id, detail="a proof that was wrong")
    tell(order, S.ACCEPTED, *fills)
    assert books.order(order.client_order_id).status is (S.FILLED if fills else S.ACCEPTED)
    assert ledger.claim(owner="gateway", fence=2, lease_s=60) is None


def test_a_fill_keeps_a_cancel_on_its_way(account: AccountView) -> None:
    order = send()
    tell(order, S.ACCEPTED)
    ledger.request_cancel(order_id=order.client_order_id)
    assert tell(order, S.PARTIALLY_FILLED, fill(quantity=D("0.4"))).status is S.CANCEL_PENDING
    assert tell(order, S.CANCELLED).status is S.CANCELLED


@pytest.mark.parametrize(
    "change",
    [{"instrument": "GBPUSD"}, {"side": Side.SELL}, {"quantity": D(0)}, {"price": D("NaN")}],
)
def test_a_report_that_cannot_be_true_books_nothing(account: AccountView, change: dict[str, Any]) -> None:
    order = send()
    with pytest.raises(BadReport):
        tell(order, S.FILLED, fill(), fill(**change))
    assert not Fill.objects.exists()
    assert books.order(order.client_order_id).status is S.SENDING


def test_an_order_of_another_account_is_not_found(account: AccountView) -> None:
    ledger.open_account(slug="paper-2", currency="USD")
    with pytest.raises(UnknownOrder):
        ledger.apply(account="paper-2", report=report(send(), S.ACCEPTED))


def test_a_stop_at_the_venue_closes_the_agents_that_hold_that_side(account: AccountView) -> None:
    for name, lots in (("agent:a", D("0.5")), ("agent:b", D("0.3"))):
        tell(send(source=name, quantity=lots), S.FILLED, fill(quantity=lots))
    stop = fill(side=Side.SELL, quantity=D("0.4"), profit=D(-80), reason=FillReason.STOP_LOSS)
    booked = ledger.book_external(account="paper-1", fills=[stop])
    assert booked.new_fills == (stop,)
    assert virtual() == {"agent:a": D("0.25"), "agent:b": D("0.15")}
    assert Order.objects.get(source="external").status == S.FILLED
    assert ledger.book_external(account="paper-1", fills=[stop]).new_fills == ()


def test_a_stop_that_carries_the_number_of_the_entry_is_not_its_fill(account: AccountView) -> None:
    order = send()
    tell(order, S.FILLED, fill())
    stop = fill(side=Side.SELL, client_number=order.number, reason=FillReason.STOP_LOSS)
    ledger.book_external(account="paper-1", fills=[stop])
    assert not books.order(order.client_order_id).overfill
    assert books.position("paper-1", "EURUSD") == 0


def test_a_fill_that_carries_our_number_is_our_orders(account: AccountView) -> None:
    order = send()
    ledger.book_external(account="paper-1", fills=[fill(client_number=order.number)])
    assert books.order(order.client_order_id).status is S.FILLED
    assert virtual() == {AGENT: D(1)}


def test_somebody_elses_order_grows_with_its_fills(account: AccountView) -> None:
    for _ in range(2):
        ledger.book_external(account="paper-1", fills=[fill(venue_order_id="77", quantity=D("0.3"))])
    row = Order.objects.get()
    assert (row.source, row.quantity, row.filled, row.overfill) == ("external", D("0.6"), D("0.6"), False)
    assert virtual() == {"external": D("0.6")}


def test_enforcement_closes_what_agents_hold(account: AccountView) -> None:
    for name, lots in (("agent:a", D("0.5")), ("agent:b", D("0.25"))):
        tell(send(source=name, quantity=lots), S.FILLED, fill(quantity=lots))
    close = send(source="enforcement:9", side=Side.SELL, quantity=D("0.75"), reduce_only=True)
    tell(close, S.FILLED, fill(side=Side.SELL, quantity=D("0.75"), profit=D(30), commission=D("-0.01")))
    assert virtual() == {"agent:a": D(0), "agent:b": D(0)}
    holdings = books.load("paper-1").virtual.values()
    assert sum(held.realized for held in holdings) == books.account("paper-1").cash


def test_cash_moves_only_by_what_the_venue_booked(account: AccountView) -> None:
    deposit = CashMovement(movement_id="m1", amount=D(100_000), moved_at=NOW)
    assert ledger.book_external(account="paper-1", cash=[deposit]).new_cash == (deposit,)
    assert ledger.book_external(account="paper-1", cash=[deposit]).new_cash == ()
    tell(send(), S.FILLED, fill(profit=D("12.34"), commission=D("-3"), swap=D("-0.07"), fee=D("-0.01")))
    assert books.account("paper-1").cash == D("100009.26")


def test_opening_an_account_again_corrects_it_and_keeps_its_cash(account: AccountView) -> None:
    ledger.book_external(account="paper-1", cash=[CashMovement(movement_id="m", amount=D(5), moved_at=NOW)])
    view = ledger.open_account(slug="paper-1", currency="USD", leverage=D(50), hedging=True)
    assert (view.cash, view.leverage, view.hedging) == (D(5), D(50), True)


def test_a_block_stays_until_somebody_lifts_it(account: AccountView) -> None:
    assert ledger.block_entries(account="paper-1", reason="position without a fill")
    assert not ledger.block_entries(account="paper-1", reason="another")
    assert books.account("paper-1").entries_blocked == "position without a fill"
    assert ledger.unblock_entries(account="paper-1", by="user:1", reason="explained")
    assert books.account("paper-1").entries_blocked == ""
    assert audit.verify("paper-1") is None


def test_events_of_the_last_seconds_can_be_read_again(account: AccountView) -> None:
    approve()
    newest = OrderEvent.objects.order_by("-id").first()
    assert newest is not None
    assert books.events_after(newest.id) == []
    assert [event.id for event in books.events_after(newest.id, look_back_s=60)] == [newest.id]


def test_what_a_client_of_the_api_holds_is_its_own_and_its_exit_closes_that_first(
    account: AccountView,
) -> None:
    tell(send(quantity=D(1)), S.FILLED, fill())
    tell(send(source="token:ab12", quantity=D(2)), S.FILLED, fill(quantity=D(2)))
    closing = send(source="token:ab12", side=Side.SELL, quantity=D(2), reduce_only=True)
    tell(closing, S.PARTIALLY_FILLED, fill(side=Side.SELL, quantity=D("1.5")))
    assert {source: lots for source, lots in virtual().items() if lots} == {
        AGENT: D(1),
        "token:ab12": D("0.5"),
    }
