"""What every adapter must do, against the simulated venue in its own process."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from apps.brokers.adapters.base import VenueOrder
from apps.brokers.adapters.mt5.adapter import Mt5Adapter
from apps.brokers.errors import NotSent, OutcomeUnknown, VenueRejected, VenueUnavailable
from apps.marketdata import clock
from apps.marketdata.domain.bar import Timeframe
from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from tests.brokers.venue_process import VenueProcess
from tests.contract.conftest import Heard
from tests.waiting import until

Order = Callable[..., VenueOrder]
HOUR = timedelta(hours=1)


async def test_connect_finds_what_the_venue_can(adapter: Mt5Adapter) -> None:
    found = adapter.capabilities
    assert (found.client_tag, found.history_by_date, found.hedging) == (True, True, False)
    assert (found.quiet_period_s, found.market_label) == (60, "synthetic")
    assert set(adapter.tradable) == {"EURUSD", "GBPUSD", "USDJPY", "XAUUSD"}


async def test_account_and_instruments_come_with_the_venues_own_units(
    adapter: Mt5Adapter, login: int
) -> None:
    account = await adapter.account()
    assert (account.login, account.currency, account.balance) == (str(login), "USD", Decimal("100000.00"))
    gold = dict(await adapter.instruments())["XAUUSD"]
    assert (gold.contract_size, gold.tick_size, gold.lot_step) == (
        Decimal(100),
        Decimal("0.01"),
        Decimal("0.01"),
    )


async def test_quote_is_of_now_on_the_desk_clock(adapter: Mt5Adapter) -> None:
    quote = await adapter.quote("EURUSD")
    assert quote is not None
    assert 0 < quote.bid < quote.ask
    assert abs(clock.desk_now() - quote.quote_at) < timedelta(minutes=10)  # ten seconds of wall time


async def test_bars_are_closed_and_have_both_sides(adapter: Mt5Adapter) -> None:
    now = clock.desk_now()
    bars = await adapter.bars("EURUSD", Timeframe.M1, first=now - timedelta(days=4), last=now)
    assert len(bars) > 100
    assert bars.last_close_at <= clock.desk_now()
    assert (bars.ask_close > bars.bid_close).all()


async def test_market_order_is_filled_with_its_deal(adapter: Mt5Adapter, order: Order) -> None:
    sent = order(side=Side.SELL, quantity=Decimal("0.25"))
    report = await adapter.submit(sent)
    (fill,) = report.fills
    assert report.status is OrderStatus.FILLED
    assert (fill.client_number, fill.side, fill.quantity) == (sent.number, Side.SELL, Decimal("0.25"))
    assert fill.commission == Decimal("-0.88")
    assert [held.quantity for held in await adapter.positions()] == [Decimal("-0.25")]


async def test_limit_order_rests_until_it_is_cancelled(adapter: Mt5Adapter, order: Order) -> None:
    quote = await adapter.quote("EURUSD")
    assert quote is not None
    sent = order(order_type=OrderType.LIMIT, price=quote.bid - Decimal("0.05"))
    report = await adapter.submit(sent)
    (resting,) = await adapter.working_orders()
    assert (report.status, resting.number) == (OrderStatus.ACCEPTED, sent.number)

    await adapter.cancel(report.venue_order_id)
    after = await adapter.find(sent, since=clock.desk_now() - HOUR)
    assert await adapter.working_orders() == []
    assert after is not None
    assert after.status is OrderStatus.CANCELLED


async def test_refusal_with_a_listed_code_is_a_rejection(
    adapter: Mt5Adapter, venue: VenueProcess, order: Order
) -> None:
    venue.control("fault", kind="no_money")
    with pytest.raises(VenueRejected, match="10019"):
        await adapter.submit(order())


async def test_order_that_does_not_fit_never_leaves(
    adapter: Mt5Adapter, venue: VenueProcess, order: Order, login: int
) -> None:
    with pytest.raises(VenueRejected, match="step"):
        await adapter.submit(order(quantity=Decimal("0.105")))
    kinds = [line["kind"] for line in venue.log() if line.get("account") == login]
    assert kinds == ["account"]


async def test_partial_fill_reports_the_part_and_ends(
    adapter: Mt5Adapter, venue: VenueProcess, order: Order
) -> None:
    venue.control("fault", kind="partial_fill", fraction=0.5)
    report = await adapter.submit(order())
    assert report.status is OrderStatus.CANCELLED
    assert [fill.quantity for fill in report.fills] == [Decimal("0.05")]


@pytest.mark.parametrize("kind", ["drop_reply", "delay"])
async def test_lost_answer_is_doubt_and_the_order_is_found_again(
    make_adapter: Callable[..., Mt5Adapter], venue: VenueProcess, order: Order, kind: str
) -> None:
    adapter = make_adapter(order_timeout_s=0.3)
    await adapter.start()
    venue.control("fault", kind=kind, seconds=1.0)
    sent = order()
    with pytest.raises(OutcomeUnknown):
        await adapter.submit(sent)
    found = await adapter.find(sent, since=clock.desk_now() - HOUR)
    assert found is not None
    assert found.status is OrderStatus.FILLED
    assert sum(line.get("client_id") == sent.number and line["kind"] == "order" for line in venue.log()) == 1
    await adapter.close()


async def test_order_that_never_arrived_is_not_found(
    make_adapter: Callable[..., Mt5Adapter], venue: VenueProcess, order: Order
) -> None:
    adapter = make_adapter(order_timeout_s=0.3)
    await adapter.start()
    venue.control("fault", kind="lost_order", seconds=1.0)
    sent = order()
    with pytest.raises(OutcomeUnknown):
        await adapter.submit(sent)
    assert await adapter.find(sent, since=clock.desk_now() - HOUR) is None
    await adapter.close()


async def test_a_deal_told_twice_is_one_fill(adapter: Mt5Adapter, venue: VenueProcess, order: Order) -> None:
    await adapter.submit(order())
    venue.control("fault", kind="duplicate")
    assert len(await adapter.fills_since(clock.desk_now() - HOUR)) == 1


async def test_stop_loss_of_the_venue_is_no_fill_of_our_order(
    adapter: Mt5Adapter, venue: VenueProcess, order: Order
) -> None:
    quote = await adapter.quote("EURUSD")
    assert quote is not None
    sent = order(stop_loss=quote.bid - Decimal("0.01"))
    await adapter.submit(sent)
    venue.control("shock", EURUSD="-3%")
    entry, stopped = await adapter.fills_since(clock.desk_now() - HOUR)
    assert (entry.client_number, stopped.client_number) == (sent.number, 0)
    assert (stopped.reason, stopped.profit < 0) == ("stop_loss", True)


async def test_deposit_is_a_cash_movement(adapter: Mt5Adapter) -> None:
    (deposit,) = await adapter.cash_since(clock.desk_now() - timedelta(days=365))
    assert (deposit.amount, deposit.kind) == (Decimal("100000.00"), "balance")


async def test_venue_killed_in_a_call_fails_it_and_comes_back(
    make_adapter: Callable[..., Mt5Adapter], mortal_venue: VenueProcess, heard: Heard, order: Order
) -> None:
    adapter = make_adapter()
    await adapter.start()
    mortal_venue.control("fault", kind="delay", seconds=30.0)
    sent = order()
    call = asyncio.create_task(adapter.submit(sent))
    arrived = partial(mortal_venue.has_line, client_id=sent.number)
    await asyncio.to_thread(until, arrived)
    heard.back.clear()
    mortal_venue.kill()
    with pytest.raises(OutcomeUnknown):
        await call
    await heard.gone.wait()
    with pytest.raises(NotSent):
        await adapter.submit(order())
    with pytest.raises(VenueUnavailable):
        await adapter.quote("EURUSD")

    mortal_venue.start()
    await heard.back.wait()
    found = await adapter.find(sent, since=clock.desk_now() - timedelta(days=1))
    assert found is not None
    assert found.status is OrderStatus.FILLED
    await adapter.close()


async def test_terminal_that_lost_its_server_is_never_flat(
    adapter: Mt5Adapter, venue: VenueProcess, heard: Heard, order: Order
) -> None:
    await adapter.submit(order())
    heard.back.clear()
    venue.control("fault", kind="disconnect", seconds=0.5)
    with pytest.raises(VenueUnavailable):
        await adapter.positions()
    await heard.back.wait()
    assert len(await adapter.positions()) == 1


async def test_venue_that_is_away_at_the_start_is_tried_again(
    make_adapter: Callable[..., Mt5Adapter], mortal_venue: VenueProcess, heard: Heard
) -> None:
    mortal_venue.kill()
    adapter = make_adapter()
    await adapter.start()
    assert not adapter.connected
    mortal_venue.start()
    await heard.back.wait()
    assert adapter.connected
    await adapter.close()


async def test_login_that_the_venue_refuses_is_no_session(make_adapter: Callable[..., Mt5Adapter]) -> None:
    adapter = make_adapter(login=7)
    await adapter.start()
    assert not adapter.connected
    await adapter.close()


async def test_eight_questions_at_once_are_answered_each(adapter: Mt5Adapter) -> None:
    names = list(adapter.tradable) * 2
    quotes = await asyncio.gather(*(adapter.quote(name) for name in names))
    assert [quote.instrument for quote in quotes if quote] == names
