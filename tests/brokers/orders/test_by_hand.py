"""Orders of a person from the ticket to the venue and back: resting, cancelled, protected, closed."""

from decimal import Decimal
from typing import Any

from apps.brokers import connections, dispatch, execution
from apps.brokers.connections import BrokerAdapter
from apps.brokers.dispatch import off_loop
from apps.brokers.reconciliation import Watch, reconcile
from apps.portfolio import books, ledger
from apps.portfolio.books import OrderView
from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from apps.portfolio.models import Fill, Position
from apps.risk.domain.verdict import Approved, Denied
from tests.brokers.orders.conftest import ACCOUNT, Desk, has_status, put_quotes
from tests.waiting import until_rows

D = Decimal
_S = OrderStatus


async def sent(desk: Desk, session: BrokerAdapter, **changes: Any) -> OrderView:
    """Get an order approved, send it, and return it as the ledger then has it."""
    order = await off_loop(desk.approved, **changes)
    return await carry(desk, session, order)


async def carry(desk: Desk, session: BrokerAdapter, order: OrderView) -> OrderView:
    fence = await off_loop(connections.take_fence, "test")
    claimed = await off_loop(ledger.claim, owner="test", fence=fence, lease_s=15)
    assert claimed is not None
    await dispatch.send(claimed, symbol=claimed.instrument, session=session, sender=desk.sender(fence))
    return await off_loop(desk.order, order.client_order_id)


async def level(session: BrokerAdapter, share: str) -> Decimal:
    """Return a price on the tick, a share above or below the ask."""
    quote = await session.quote("EURUSD")
    assert quote is not None
    return (quote.ask * (1 + D(share))).quantize(D("0.00001"))


def resting(kind: OrderType, price: Decimal, **more: Any) -> dict[str, Any]:
    return {"order_type": kind, "price": price, **more}


async def shock(desk: Desk, change: str) -> None:
    await off_loop(desk.venue.control, "shock", EURUSD=change)


async def test_a_limit_order_rests_and_is_cancelled_at_the_venue(desk: Desk, session: BrokerAdapter) -> None:
    order = await sent(desk, session, **resting(OrderType.LIMIT, await level(session, "-0.004")))
    assert order.status is _S.ACCEPTED
    asked = await off_loop(execution.cancel, client_order_id=order.client_order_id, by="user:1")
    assert asked.status is _S.CANCEL_PENDING
    await dispatch.cancel(asked, symbol="EURUSD", session=session)
    assert (await off_loop(desk.order, order.client_order_id)).status is _S.CANCELLED
    (end,) = desk.venue.log("order_end")
    assert (end["state"], str(end["order"])) == ("cancelled", order.venue_order_id)
    assert not await session.working_orders()
    assert (await off_loop(books.load, ACCOUNT)).open_orders == ()


async def test_a_stop_order_fills_when_the_market_gets_there(desk: Desk, session: BrokerAdapter) -> None:
    order = await sent(desk, session, **resting(OrderType.STOP, await level(session, "0.004")))
    assert order.status is _S.ACCEPTED
    await shock(desk, "+0.6%")
    watch = Watch(account=ACCOUNT)
    done = await until_rows(
        has_status(order.client_order_id, _S.FILLED),
        meanwhile=lambda: reconcile(session, watch, symbols={}),
    )
    assert done is not None
    assert (done.average_price or 0) >= (order.price or 0) > 0  # a stop takes the market's price
    assert await off_loop(desk.lots, "EURUSD") == D("0.10")


async def test_a_market_order_carries_stop_loss_and_take_profit(desk: Desk, session: BrokerAdapter) -> None:
    levels = {"stop_loss": await level(session, "-0.01"), "take_profit": await level(session, "0.01")}
    order = await sent(desk, session, **levels)
    assert order.status is _S.FILLED
    (deal,) = desk.venue.log("deal")
    assert (D(deal["after"]["sl"]), D(deal["after"]["tp"])) == tuple(levels.values())


async def test_a_stop_loss_that_the_venue_fires_is_booked_on_the_position(
    desk: Desk, session: BrokerAdapter
) -> None:
    await sent(desk, session, stop_loss=await level(session, "-0.004"))
    await shock(desk, "-1%")
    watch = Watch(account=ACCOUNT)
    await until_rows(lambda: not desk.lots("EURUSD"), meanwhile=lambda: reconcile(session, watch, symbols={}))
    fill = await off_loop(Fill.objects.latest, "id")
    assert (fill.reason, fill.shares) == ("stop_loss", {"user:1": "-0.1"})


async def test_a_limit_order_with_levels_gives_them_to_its_position(
    desk: Desk, session: BrokerAdapter
) -> None:
    price = await level(session, "-0.004")
    levels = {"stop_loss": price - D("0.01"), "take_profit": price + D("0.01")}
    order = await sent(desk, session, **resting(OrderType.LIMIT, price, **levels))
    await shock(desk, "-0.6%")
    watch = Watch(account=ACCOUNT)
    await until_rows(
        has_status(order.client_order_id, _S.FILLED),
        meanwhile=lambda: reconcile(session, watch, symbols={}),
    )
    (deal,) = desk.venue.log("deal")
    assert (D(deal["after"]["sl"]), D(deal["after"]["tp"])) == tuple(levels.values())


async def test_a_sell_limit_and_a_sell_stop_rest_too(desk: Desk, session: BrokerAdapter) -> None:
    above, below = await level(session, "0.004"), await level(session, "-0.004")
    high = await sent(desk, session, side=Side.SELL, **resting(OrderType.LIMIT, above))
    low = await sent(desk, session, side=Side.SELL, **resting(OrderType.STOP, below))
    assert (high.status, low.status) == (_S.ACCEPTED, _S.ACCEPTED)
    assert {row.number for row in await session.working_orders()} == {high.number, low.number}


async def test_a_limit_on_the_wrong_side_is_rejected_with_the_venues_words(
    desk: Desk, session: BrokerAdapter
) -> None:
    order = await sent(desk, session, **resting(OrderType.LIMIT, await level(session, "0.004")))
    assert order.status is _S.REJECTED


async def test_a_position_is_closed_by_hand(desk: Desk, session: BrokerAdapter) -> None:
    await sent(desk, session)
    await put_quotes(session)
    row = await off_loop(Position.objects.get, source="", instrument="EURUSD")
    position = await off_loop(books.find_position, row.pk)
    assert position is not None
    verdict = await off_loop(
        execution.close_position, position=position, source="user:1", signal_key="close-1"
    )
    assert isinstance(verdict, Approved)
    closed = await carry(desk, session, verdict.order)
    assert (closed.status, closed.is_entry) == (_S.FILLED, False)
    assert not await session.positions()


async def test_closing_the_account_closes_what_an_agent_holds_too(desk: Desk, session: BrokerAdapter) -> None:
    await sent(desk, session)
    await sent(desk, session, source="agent:one", quantity=D("0.20"))
    await put_quotes(session)
    row = await off_loop(Position.objects.get, source="", instrument="EURUSD")
    position = await off_loop(books.find_position, row.pk)
    assert position is not None
    verdict = await off_loop(
        execution.close_position, position=position, source="user:1", signal_key="close-1"
    )
    assert isinstance(verdict, Approved)
    await carry(desk, session, verdict.order)
    assert await off_loop(books.virtual_position, ACCOUNT, "agent:one", "EURUSD") == 0


async def test_a_person_is_told_the_size_that_passes_with_this_stop(
    desk: Desk, session: BrokerAdapter
) -> None:
    verdict = await off_loop(desk.submit, quantity=D(2), stop_loss=await level(session, "-0.05"))
    assert isinstance(verdict, Denied)
    (breach,) = verdict.reasons
    assert breach.reason == "over_size"
    assert breach.limit is not None
    again = await off_loop(desk.submit, quantity=breach.limit, stop_loss=await level(session, "-0.05"))
    assert isinstance(again, Approved)
