"""An approved order on its way to the real venue and back: sent once, whatever happens on the way."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from django.db import connection

from apps.brokers import connections, dispatch
from apps.brokers.connections import BrokerAdapter
from apps.brokers.dispatch import off_loop
from apps.portfolio import books, ledger
from apps.portfolio.books import OrderView
from apps.portfolio.domain.order import OrderStatus
from apps.risk import breakers
from apps.risk.domain.breaker import BreakerLevel
from tests.brokers.orders.conftest import ACCOUNT, Desk
from tests.waiting import until_rows


async def send(desk: Desk, session: BrokerAdapter, order: OrderView) -> OrderView:
    """Claim and send one order, and return it as the ledger then has it."""
    fence = await off_loop(connections.take_fence, "test")
    claimed = await off_loop(ledger.claim, owner="test", fence=fence, lease_s=15)
    assert claimed is not None
    assert claimed.client_order_id == order.client_order_id
    await dispatch.send(claimed, symbol="EURUSD", session=session, sender=desk.sender(fence))
    return await off_loop(desk.order, order.client_order_id)


async def test_an_approved_order_is_sent_filled_and_booked(desk: Desk, session: BrokerAdapter) -> None:
    order = await off_loop(desk.approved)
    sent = await send(desk, session, order)
    assert sent.status is OrderStatus.FILLED
    assert await off_loop(books.position, ACCOUNT, "EURUSD") == Decimal("0.10")
    assert desk.at_venue(order) == 1


async def test_a_refused_order_is_rejected_with_the_venues_code(desk: Desk, session: BrokerAdapter) -> None:
    order = await off_loop(desk.approved)
    desk.venue.control("fault", kind="no_money")
    sent = await send(desk, session, order)
    assert sent.status is OrderStatus.REJECTED


async def test_the_part_that_was_filled_is_booked_and_the_rest_is_over(
    desk: Desk, session: BrokerAdapter
) -> None:
    order = await off_loop(desk.approved)
    desk.venue.control("fault", kind="partial_fill", fraction=0.5)
    sent = await send(desk, session, order)
    assert (sent.status, sent.filled) == (OrderStatus.CANCELLED, Decimal("0.05"))


async def test_a_lost_answer_leaves_the_order_unknown(desk: Desk, session: BrokerAdapter) -> None:
    order = await off_loop(desk.approved)
    desk.venue.control("fault", kind="drop_reply", seconds=0.1)
    sent = await send(desk, session, order)
    assert sent.status is OrderStatus.UNKNOWN
    assert desk.at_venue(order) == 1


async def test_a_cancelled_send_leaves_the_order_unknown(desk: Desk, session: BrokerAdapter) -> None:
    order = await off_loop(desk.approved)
    desk.venue.control("fault", kind="delay", seconds=30)
    sending = asyncio.create_task(send(desk, session, order))
    await until_rows(lambda: desk.at_venue(order))
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    assert (await off_loop(desk.order, order.client_order_id)).status is OrderStatus.UNKNOWN


async def test_without_a_session_nothing_is_sent_and_the_order_waits(
    desk: Desk, session: BrokerAdapter
) -> None:
    order = await off_loop(desk.approved)
    await session.close()
    sent = await send(desk, session, order)
    assert sent.status is OrderStatus.APPROVED
    assert desk.at_venue(order) == 0


async def test_a_halt_between_approval_and_send_ends_the_order_unsent(
    desk: Desk, session: BrokerAdapter
) -> None:
    order = await off_loop(desk.approved)
    await off_loop(
        breakers.trip, scope=f"account:{ACCOUNT}", level=BreakerLevel.HALTED, cause="test", by="test"
    )
    sent = await send(desk, session, order)
    assert sent.status is OrderStatus.EXPIRED
    assert desk.at_venue(order) == 0


async def test_a_gateway_that_was_replaced_sends_nothing(desk: Desk, session: BrokerAdapter) -> None:
    order = await off_loop(desk.approved)
    old = await off_loop(connections.take_fence, "old")
    claimed = await off_loop(ledger.claim, owner="old", fence=old, lease_s=15)
    await off_loop(connections.take_fence, "new")
    assert claimed is not None
    await dispatch.send(claimed, symbol="EURUSD", session=session, sender=desk.sender(old))
    assert desk.at_venue(order) == 0


def test_eight_claims_at_once_take_an_order_once(desk: Desk, session_quotes: None) -> None:
    order = desk.approved()

    def claim(_: int) -> OrderView | None:
        try:
            return ledger.claim(owner="test", fence=1, lease_s=15)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        claimed = [view for view in pool.map(claim, range(8)) if view]
    assert [view.client_order_id for view in claimed] == [order.client_order_id]


def test_the_second_leg_waits_for_the_first(desk: Desk, session_quotes: None) -> None:
    first = desk.approved(signal_key="flip", leg=0)
    desk.approved(signal_key="flip", leg=1, quantity=Decimal("0.20"))
    claimed = ledger.claim(owner="test", fence=1, lease_s=15)
    assert claimed is not None
    assert claimed.client_order_id == first.client_order_id
    assert ledger.claim(owner="test", fence=1, lease_s=15) is None
