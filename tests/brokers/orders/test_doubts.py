"""Orders whose answer was lost: asked about by number, adopted when found, absent only by the full rule."""

import time

import pytest

from apps.brokers import connections, dispatch
from apps.brokers.connections import BrokerAdapter
from apps.brokers.dispatch import off_loop
from apps.brokers.reconciliation import Doubts, doubts
from apps.portfolio import books, ledger
from apps.portfolio.books import OrderView
from apps.portfolio.domain.order import OrderStatus
from tests.brokers.orders.conftest import ACCOUNT, Desk, has_status
from tests.waiting import until_rows

SYMBOLS = {"EURUSD": "EURUSD"}


async def in_doubt(desk: Desk, session: BrokerAdapter, fault: str, seconds: float) -> OrderView:
    """Send an order into a fault, and return it once it is UNKNOWN."""
    await off_loop(desk.approved)
    desk.venue.control("fault", kind=fault, seconds=seconds)
    fence = await off_loop(connections.take_fence, "test")
    claimed = await off_loop(ledger.claim, owner="test", fence=fence, lease_s=15)
    assert claimed is not None
    await dispatch.send(claimed, symbol="EURUSD", session=session, sender=desk.sender(fence))
    order = await off_loop(desk.order, claimed.client_order_id)
    assert order.status is OrderStatus.UNKNOWN
    return order


@pytest.fixture
def asking(session: BrokerAdapter) -> "Asking":
    return Asking(session)


class Asking:
    """Asks the venue as the gateway's loop does."""

    def __init__(self, session: BrokerAdapter) -> None:
        self.doubts = Doubts(account=ACCOUNT)
        self.session = session
        self.connected_at = time.monotonic()

    async def __call__(self) -> None:
        await self.doubts.ask_due(
            self.session, symbols=SYMBOLS, connected_at=self.connected_at, in_flight=frozenset()
        )


async def test_p05_an_accepted_order_is_found_and_adopted(
    desk: Desk, session: BrokerAdapter, asking: Asking
) -> None:
    order = await in_doubt(desk, session, "drop_reply", 0.1)
    found = await until_rows(has_status(order.client_order_id, OrderStatus.FILLED), meanwhile=asking)
    assert found is not None
    assert found.filled == order.quantity
    assert desk.at_venue(order) == 1


async def test_p06_an_order_that_is_not_found_stays_in_doubt_inside_the_quiet_period(
    desk: Desk, session: BrokerAdapter, asking: Asking
) -> None:
    order = await in_doubt(desk, session, "lost_order", 0.1)

    def asked_three_times() -> bool:
        doubt = asking.doubts.known.get(order.client_order_id)
        return doubt is not None and doubt.empty_rounds >= 3

    await until_rows(asked_three_times, meanwhile=asking)
    assert (await off_loop(desk.order, order.client_order_id)).status is OrderStatus.UNKNOWN
    assert (await off_loop(books.load, ACCOUNT)).has_doubt("EURUSD")


async def test_p06_after_the_quiet_period_a_lost_order_is_absent(
    desk: Desk, session: BrokerAdapter, asking: Asking
) -> None:
    order = await in_doubt(desk, session, "lost_order", 0.1)
    await asking()
    doubt = asking.doubts.known[order.client_order_id]
    doubt.quiet_from, doubt.empty_rounds = time.monotonic() - doubts.SHORTEST_QUIET_S, 2
    asking.connected_at = doubt.quiet_from
    doubt.asked = 6
    await asking()
    assert (await off_loop(desk.order, order.client_order_id)).status is OrderStatus.ABSENT
    assert not (await off_loop(books.load, ACCOUNT)).open_orders


async def test_p07_an_order_that_was_hidden_for_a_while_is_adopted(
    desk: Desk, session: BrokerAdapter, asking: Asking
) -> None:
    order = await in_doubt(desk, session, "hide_order", 3)
    await until_rows(has_status(order.client_order_id, OrderStatus.FILLED), meanwhile=asking)
    assert desk.at_venue(order) == 1


async def test_a_session_that_broke_starts_the_quiet_period_again(
    desk: Desk, session: BrokerAdapter, asking: Asking
) -> None:
    order = await in_doubt(desk, session, "lost_order", 0.1)
    await asking()
    asking.connected_at = time.monotonic() + 1
    await asking()
    assert asking.doubts.known[order.client_order_id].quiet_from == asking.connected_at
