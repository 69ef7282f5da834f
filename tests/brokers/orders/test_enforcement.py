"""A halt closes what is held and cancels what would add, through the same door as everyone."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from apps.brokers import connections, dispatch
from apps.brokers.connections import BrokerAdapter
from apps.brokers.dispatch import off_loop
from apps.brokers.enforcement import Enforcement
from apps.marketdata import instruments
from apps.marketdata.models import Instrument
from apps.portfolio import books, ledger
from apps.portfolio.domain.order import OrderStatus, Side
from apps.portfolio.models import Order
from apps.risk import breakers, changes
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.change import ChangeKind
from apps.risk.models import RiskLimit
from tests.brokers.orders.conftest import ACCOUNT, Desk, has_status, put_quotes
from tests.waiting import until_rows

Step = Callable[[], Awaitable[None]]


async def halt(scope: str) -> None:
    await off_loop(breakers.trip, scope=scope, level=BreakerLevel.HALTED, cause="test", by="test")


async def send_all(desk: Desk, session: BrokerAdapter) -> None:
    fence = await off_loop(connections.take_fence, "test")
    while (claimed := await off_loop(ledger.claim, owner="test", fence=fence, lease_s=15)) is not None:
        symbol = claimed.instrument
        await dispatch.send(claimed, symbol=symbol, session=session, sender=desk.sender(fence))


@pytest.fixture
def step(desk: Desk, session: BrokerAdapter) -> Step:
    """Enforce, and send what enforcement asked for."""
    enforcement = Enforcement()

    async def one() -> None:
        await put_quotes(session)
        await enforcement.step((ACCOUNT,), {ACCOUNT: session})
        await send_all(desk, session)

    return one


def is_flat(instrument: str = "EURUSD", source: str = "") -> Callable[[], bool]:
    return lambda: not books.virtual_position(ACCOUNT, source, instrument)


async def test_a_halted_account_is_closed_at_the_venue(
    desk: Desk, session: BrokerAdapter, step: Step
) -> None:
    await off_loop(desk.approved, source="agent:one")
    await off_loop(desk.approved, source="agent:two", instrument="GBPUSD", side=Side.SELL)
    await send_all(desk, session)
    await halt(f"account:{ACCOUNT}")
    await until_rows(is_flat("EURUSD"), meanwhile=step)
    await until_rows(is_flat("GBPUSD"), meanwhile=step)
    assert not await session.positions()


async def test_a_halt_cancels_an_entry_that_was_not_sent(desk: Desk, step: Step) -> None:
    order = await off_loop(desk.approved)
    await halt("desk")
    await until_rows(has_status(order.client_order_id, OrderStatus.CANCELLED), meanwhile=step)
    assert desk.at_venue(order) == 0


async def test_a_halted_agent_loses_its_own_part_only(desk: Desk, session: BrokerAdapter, step: Step) -> None:
    await off_loop(desk.approved, source="agent:one")
    await off_loop(desk.approved, source="agent:two", quantity=Decimal("0.20"))
    await send_all(desk, session)
    await halt("agent:one")
    await until_rows(is_flat(source="agent:one"), meanwhile=step)
    assert await off_loop(books.position, ACCOUNT, "EURUSD") == Decimal("0.20")


async def test_a_close_that_has_no_room_on_its_account_is_asked_for_again_once_the_account_moves(
    desk: Desk, session: BrokerAdapter, step: Step
) -> None:
    await off_loop(desk.approved, source="agent:one")
    await send_all(desk, session)
    await off_loop(desk.approved, source="agent:two", side=Side.SELL, quantity=Decimal("0.20"))
    await send_all(desk, session)
    cap = RiskLimit.objects.filter(scope=f"account:{ACCOUNT}", metric="position", ended_at=None)
    await off_loop(cap.update, hard=Decimal("0.15"), soft=None)
    await halt("agent:one")
    for _ in range(4):
        await step()
    assert await off_loop(Order.objects.filter(source="agent:one", status="denied").count) == 1
    leave = {"source": "agent:two", "reduce_only": True, "quantity": Decimal("0.20")}
    await off_loop(desk.approved, **leave)
    await send_all(desk, session)
    await until_rows(is_flat(source="agent:one"), meanwhile=step)
    assert await off_loop(desk.lots, "EURUSD") == 0


async def test_each_round_has_one_order_however_often_it_is_enforced(
    desk: Desk, session: BrokerAdapter, step: Step
) -> None:
    await off_loop(desk.approved)
    await send_all(desk, session)
    await halt(f"account:{ACCOUNT}")
    for _ in range(4):
        await step()
    assert sum(line["client_id"] > 0 for line in desk.venue.log("order")) == 2


def reset_by_two(scope: str) -> None:
    asked = changes.propose(
        kind=ChangeKind.BREAKER_RESET, payload={"scope": scope}, reason="test", by="user:1"
    )
    changes.approve(asked.id, by="user:2", reason="test")


async def test_a_scope_that_was_reset_is_left_alone(desk: Desk, session: BrokerAdapter, step: Step) -> None:
    await off_loop(desk.approved)
    await send_all(desk, session)
    await halt(f"account:{ACCOUNT}")
    await off_loop(reset_by_two, f"account:{ACCOUNT}")
    await step()
    assert await off_loop(books.position, ACCOUNT, "EURUSD") == Decimal("0.10")


async def test_what_is_more_than_the_venue_takes_at_once_is_closed_in_rounds(
    desk: Desk, session: BrokerAdapter, step: Step
) -> None:
    await off_loop(desk.approved)
    await send_all(desk, session)
    await off_loop(Instrument.objects.filter(name="EURUSD").update, lot_max=Decimal("0.06"))
    instruments.forget()
    await halt(f"account:{ACCOUNT}")
    await until_rows(is_flat(), meanwhile=step)
    assert [line["volume"] for line in desk.venue.log("order")] == ["0.1", "0.06", "0.04"]


async def test_a_position_in_what_the_desk_does_not_know_holds_up_no_other(
    desk: Desk, session: BrokerAdapter, step: Step
) -> None:
    await off_loop(desk.approved)
    await off_loop(desk.approved, instrument="GBPUSD")
    await send_all(desk, session)
    await off_loop(Instrument.objects.filter(name="EURUSD").delete)
    instruments.forget()
    await halt("desk")
    await until_rows(is_flat("GBPUSD"), meanwhile=step)
    assert await off_loop(desk.lots, "EURUSD") == Decimal("0.10")


async def test_a_halt_does_not_wait_for_an_exit_in_doubt(
    desk: Desk, session: BrokerAdapter, step: Step
) -> None:
    await off_loop(desk.approved, source="agent:one")
    await send_all(desk, session)
    desk.venue.control("fault", kind="lost_order", seconds=0.1)
    leave = {"source": "agent:one", "side": Side.SELL, "reduce_only": True}
    lost = await off_loop(desk.approved, quantity=Decimal("0.04"), **leave)
    await send_all(desk, session)
    assert (await off_loop(desk.order, lost.client_order_id)).status is OrderStatus.UNKNOWN
    await halt(f"account:{ACCOUNT}")
    await until_rows(lambda: desk.lots("EURUSD") == Decimal("0.04"), meanwhile=step)
    await step()
    assert [position.quantity for position in await session.positions()] == [Decimal("0.04")]
