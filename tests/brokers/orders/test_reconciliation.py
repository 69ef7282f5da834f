"""The venue is the truth: what happened there without us is booked, once; what nothing explains blocks."""

from dataclasses import replace
from decimal import Decimal

from apps.brokers import connections, dispatch
from apps.brokers.connections import BrokerAdapter
from apps.brokers.dispatch import off_loop
from apps.brokers.reconciliation import Watch, reconcile
from apps.brokers.reconciliation.differences import MOST_UNSURE_PASSES
from apps.portfolio import books, ledger
from apps.portfolio.domain.order import OrderStatus, OrderType
from tests.brokers.orders.conftest import ACCOUNT, Desk

SYMBOLS = {"EURUSD": "EURUSD"}


async def send_all(desk: Desk, session: BrokerAdapter) -> None:
    fence = await off_loop(connections.take_fence, "test")
    while (claimed := await off_loop(ledger.claim, owner="test", fence=fence, lease_s=15)) is not None:
        await dispatch.send(claimed, symbol="EURUSD", session=session, sender=desk.sender(fence))


async def test_the_first_pass_books_the_deposit(desk: Desk, session: BrokerAdapter) -> None:
    await reconcile(session, Watch(account=ACCOUNT), symbols=SYMBOLS)
    assert (await off_loop(books.account, ACCOUNT)).cash == Decimal(100_000)


async def test_a_pass_keeps_the_equity_that_the_venue_tells(desk: Desk, session: BrokerAdapter) -> None:
    await reconcile(session, Watch(account=ACCOUNT), symbols=SYMBOLS)
    told = (await off_loop(books.account, ACCOUNT)).venue_equity
    assert told == (await session.account()).equity == Decimal(100_000)


async def test_a_second_pass_changes_nothing(desk: Desk, session: BrokerAdapter) -> None:
    watch = Watch(account=ACCOUNT)
    await off_loop(desk.approved)
    await send_all(desk, session)
    await reconcile(session, watch, symbols=SYMBOLS)
    before = await off_loop(books.load, ACCOUNT)
    outcome = await reconcile(session, watch, symbols=SYMBOLS)
    assert (outcome.booked, outcome.findings) == (0, ())
    after = await off_loop(books.load, ACCOUNT)
    told = replace(after.account, venue_equity=before.account.venue_equity)  # moves with the venue's prices
    assert replace(after, account=told) == before


async def test_a_new_watch_over_booked_facts_changes_nothing(desk: Desk, session: BrokerAdapter) -> None:
    await off_loop(desk.approved)
    await send_all(desk, session)
    await reconcile(session, Watch(account=ACCOUNT), symbols=SYMBOLS)
    outcome = await reconcile(session, Watch(account=ACCOUNT), symbols=SYMBOLS)
    assert outcome.booked == 0


async def test_a_stop_loss_at_the_venue_is_booked_and_shared(desk: Desk, session: BrokerAdapter) -> None:
    watch = Watch(account=ACCOUNT)
    quote = await session.quote("EURUSD")
    assert quote is not None
    stop = quote.bid - Decimal("0.0050")
    await off_loop(desk.approved, source="agent:one", stop_loss=stop)
    await send_all(desk, session)
    desk.venue.control("shock", EURUSD="-3%")
    await reconcile(session, watch, symbols=SYMBOLS)
    book = await off_loop(books.load, ACCOUNT)
    assert book.quantity("EURUSD") == 0
    assert book.virtual_quantity("agent:one", "EURUSD") == 0


async def test_a_resting_order_that_filled_in_the_meantime_is_booked(
    desk: Desk, session: BrokerAdapter
) -> None:
    quote = await session.quote("EURUSD")
    assert quote is not None
    price = quote.bid - Decimal("0.0050")
    order = await off_loop(desk.approved, order_type=OrderType.LIMIT, price=price)
    await send_all(desk, session)
    assert (await off_loop(desk.order, order.client_order_id)).status is OrderStatus.ACCEPTED
    desk.venue.control("shock", EURUSD="-2%")
    await reconcile(session, Watch(account=ACCOUNT), symbols=SYMBOLS)
    assert (await off_loop(desk.order, order.client_order_id)).status is OrderStatus.FILLED


async def test_m14_a_difference_that_nothing_explains_blocks_entries(
    desk: Desk, session: BrokerAdapter
) -> None:
    watch = Watch(account=ACCOUNT)
    await reconcile(session, watch, symbols=SYMBOLS)
    await off_loop(desk.book_money_that_never_moved)
    await reconcile(session, watch, symbols=SYMBOLS)
    assert not (await off_loop(books.account, ACCOUNT)).entries_blocked
    await reconcile(session, watch, symbols=SYMBOLS)
    assert "cash" in (await off_loop(books.account, ACCOUNT)).entries_blocked


async def test_while_an_order_is_being_sent_cash_is_not_judged_but_not_for_ever(
    desk: Desk, session: BrokerAdapter
) -> None:
    watch = Watch(account=ACCOUNT)
    await reconcile(session, watch, symbols=SYMBOLS)
    await off_loop(desk.book_money_that_never_moved)
    await off_loop(desk.approved)
    fence = await off_loop(connections.take_fence, "test")
    await off_loop(ledger.claim, owner="test", fence=fence, lease_s=15)
    for _ in range(MOST_UNSURE_PASSES):
        await reconcile(session, watch, symbols=SYMBOLS)
    assert not (await off_loop(books.account, ACCOUNT)).entries_blocked
    for _ in range(2):
        await reconcile(session, watch, symbols=SYMBOLS)
    assert "cash" in (await off_loop(books.account, ACCOUNT)).entries_blocked
