"""A resting order on the real venue: changed once, by the venue's word, whatever happens on the way."""

import time
from decimal import Decimal

from apps.brokers import connections, dispatch, execution
from apps.brokers.connections import BrokerAdapter
from apps.brokers.dispatch import off_loop
from apps.brokers.gateway.line import Line
from apps.brokers.gateway.sink import Sink
from apps.brokers.reconciliation import Watch, reconcile
from apps.brokers.reconciliation.changes import Sighting
from apps.portfolio import ledger
from apps.portfolio.books import OrderView
from apps.portfolio.domain.order import OrderStatus, OrderType
from apps.portfolio.domain.terms import Terms
from apps.risk import breakers
from apps.risk.domain.breaker import BreakerLevel
from tests.brokers.orders.conftest import ACCOUNT, SLUG, Desk
from tests.brokers.orders.test_by_hand import level, sent
from tests.waiting import until_rows

D = Decimal
S = OrderStatus


async def resting(desk: Desk, session: BrokerAdapter) -> OrderView:
    """Put a buy limit of 0.10 lots to rest, 0.4 % below the market."""
    price = await level(session, "-0.004")
    return await sent(desk, session, order_type=OrderType.LIMIT, price=price)


async def ask(order: OrderView, terms: Terms) -> OrderView:
    """Ask for other terms, as risk does once it has given leave, and take the change to send."""
    room = ledger.ReservationTerms(price=terms.price or D(0), margin=D(1000))
    await off_loop(
        ledger.request_amend,
        order_id=order.client_order_id,
        terms=terms,
        reservation=room,
        by="user:1",
        epochs=order.breaker_epochs,
    )
    fence = await off_loop(connections.take_fence, "test")
    claimed = await off_loop(ledger.claim_amend, owner="test", fence=fence)
    assert claimed is not None
    return claimed


async def send(desk: Desk, session: BrokerAdapter, asked: OrderView) -> OrderView:
    assert asked.amendment is not None
    sender = desk.sender(asked.amendment.fence or 0)
    await dispatch.amend(asked, symbol="EURUSD", session=session, sender=sender)
    return await off_loop(desk.order, asked.client_order_id)


async def at(session: BrokerAdapter, share: str, *, stop: str = "", lots: str = "0.10") -> Terms:
    """Return terms at a price, a share away from the market; the same without."""
    return Terms(
        quantity=D(lots),
        price=await level(session, share),
        stop_loss=await level(session, stop) if stop else None,
    )


async def test_i1_a_changed_order_is_the_same_one_at_the_venue(desk: Desk, session: BrokerAdapter) -> None:
    order = await resting(desk, session)
    wanted = await at(session, "-0.006", stop="-0.02")
    done = await send(desk, session, await ask(order, wanted))
    assert (done.status, done.revision, Terms.of(done)) == (S.ACCEPTED, 1, wanted)
    (row,) = await session.working_orders()
    assert (row.number, row.venue_order_id, row.terms) == (order.number, order.venue_order_id, wanted)
    assert (desk.at_venue(order), len(desk.venue.log("order_change"))) == (1, 1)


async def test_a_stop_that_is_not_asked_for_any_more_is_taken_off(desk: Desk, session: BrokerAdapter) -> None:
    order = await resting(desk, session)
    with_stop = await send(desk, session, await ask(order, await at(session, "-0.006", stop="-0.02")))
    without = await at(session, "-0.006")
    assert (await send(desk, session, await ask(with_stop, without))).stop_loss is None
    (row,) = await session.working_orders()
    assert row.terms == without


async def test_a_refused_change_leaves_the_order_as_it_was(desk: Desk, session: BrokerAdapter) -> None:
    order = await resting(desk, session)
    kept = await send(desk, session, await ask(order, await at(session, "0.004")))  # a limit above the ask
    assert (kept.status, Terms.of(kept), kept.revision) == (S.ACCEPTED, Terms.of(order), 1)


async def test_what_a_venue_cannot_change_is_not_sent(desk: Desk, session: BrokerAdapter) -> None:
    order = await resting(desk, session)
    assert session.capabilities.amend == ("price", "stop_loss", "take_profit")
    asked = await ask(order, await at(session, "-0.004", lots="0.20"))
    kept = await send(desk, session, asked)
    assert (kept.status, kept.quantity) == (S.ACCEPTED, order.quantity)
    assert not desk.venue.log("order_change", "reject")


async def test_p05_a_change_whose_answer_was_lost_is_settled_by_what_the_venue_shows(
    desk: Desk, session: BrokerAdapter
) -> None:
    order = await resting(desk, session)
    desk.venue.control("fault", kind="drop_reply", seconds=0.1)
    wanted = await at(session, "-0.006")
    assert (await send(desk, session, await ask(order, wanted))).status is S.REPLACE_PENDING
    await reconcile(session, Watch(account=ACCOUNT), symbols={})
    done = await off_loop(desk.order, order.client_order_id)
    assert (done.status, Terms.of(done)) == (S.ACCEPTED, wanted)
    assert len(desk.venue.log("order_change")) == 1


async def test_p06_a_change_that_was_lost_stays_pending_until_the_quiet_period_is_over(
    desk: Desk, session: BrokerAdapter
) -> None:
    order = await resting(desk, session)
    desk.venue.control("fault", kind="lost_order", seconds=0.1)
    asked = await send(desk, session, await ask(order, await at(session, "-0.006")))
    watch = Watch(account=ACCOUNT)
    for _ in range(3):
        await reconcile(session, watch, symbols={})
        assert (await off_loop(desk.order, order.client_order_id)).status is S.REPLACE_PENDING
    long_ago = time.monotonic() - session.capabilities.quiet_period_s
    watch.changes.seen[asked.client_order_id, asked.revision] = Sighting(long_ago, times=3)
    await reconcile(session, watch, symbols={})
    kept = await off_loop(desk.order, order.client_order_id)
    assert (kept.status, Terms.of(kept)) == (S.ACCEPTED, Terms.of(order))


async def test_an_order_that_ended_meanwhile_ends_here_too(desk: Desk, session: BrokerAdapter) -> None:
    order = await resting(desk, session)
    asked = await ask(order, await at(session, "-0.006"))
    await session.cancel(order.venue_order_id)
    assert (await send(desk, session, asked)).status is S.CANCELLED


async def test_i7_a_halt_stops_a_change_that_adds_risk_and_lets_others_pass(
    desk: Desk, session: BrokerAdapter
) -> None:
    order = await resting(desk, session)
    scope = f"account:{ACCOUNT}"
    await off_loop(breakers.trip, scope=scope, level=BreakerLevel.HALTED, cause="test", by="test")
    worse = await send(desk, session, await ask(order, await at(session, "-0.002")))
    assert (worse.status, worse.price) == (S.ACCEPTED, order.price)
    assert not desk.venue.log("order_change")
    better = await at(session, "-0.008")
    assert (await send(desk, session, await ask(worse, better))).price == better.price


async def test_i7_an_order_whose_change_got_no_answer_is_cancelled_all_the_same(
    desk: Desk, session: BrokerAdapter
) -> None:
    order = await resting(desk, session)
    desk.venue.control("fault", kind="lost_order", seconds=0.1)
    await send(desk, session, await ask(order, await at(session, "-0.006")))
    asked = await off_loop(execution.cancel, client_order_id=order.client_order_id, by="user:1")
    assert asked.status is S.REPLACE_PENDING
    await dispatch.cancel(asked, symbol="EURUSD", session=session)
    assert (await off_loop(desk.order, order.client_order_id)).status is S.CANCELLED
    assert not await session.working_orders()


async def test_a_change_without_a_session_waits_and_is_sent_later(desk: Desk, session: BrokerAdapter) -> None:
    order = await resting(desk, session)
    wanted = await at(session, "-0.006")
    asked = await ask(order, wanted)
    await session.close()
    waits = await send(desk, session, asked)
    assert (waits.status, waits.amendment.sender if waits.amendment else "?") == (S.REPLACE_PENDING, "")


async def test_the_gateways_line_sends_what_was_asked_for(desk: Desk, session: BrokerAdapter) -> None:
    order = await resting(desk, session)
    wanted = await at(session, "-0.006")
    room = ledger.ReservationTerms(price=wanted.price or D(0), margin=D(1000))
    await off_loop(
        ledger.request_amend, order_id=order.client_order_id, terms=wanted, reservation=room, by="user:1"
    )
    (view,) = [view for view in await off_loop(connections.enabled) if view.slug == SLUG]
    line = await Line.open(view, Sink())
    await line.start()
    await line.back.wait()
    await line.reconcile()
    fence = await off_loop(connections.take_fence, "test")
    await until_rows(lambda: desk.order(order.client_order_id).price == wanted.price,
                     meanwhile=lambda: line.send_amends(desk.sender(fence)))  # fmt: skip
    await line.close()
