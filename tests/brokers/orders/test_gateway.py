"""The gateway's own process: it sends what is approved, and a crash at any step neither doubles nor loses."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.brokers.connections import BrokerAdapter
from apps.brokers.dispatch import off_loop
from apps.portfolio.domain.order import OrderStatus
from apps.risk import breakers
from apps.risk.domain.breaker import BreakerLevel
from tests.brokers.orders.conftest import ACCOUNT, Desk, has_status, put_quotes
from tests.brokers.orders.gateway_process import GatewayProcess
from tests.waiting import until_rows

_S = OrderStatus


@pytest.fixture
def gateway(desk: Desk, tmp_path: Path) -> Iterator[GatewayProcess]:
    process = GatewayProcess(var=tmp_path / "var")
    yield process
    if process.process is not None:
        process.end(signal.SIGKILL)
        print(process.log)


async def test_it_sends_fills_halts_and_stops_clean(
    desk: Desk, session: BrokerAdapter, gateway: GatewayProcess
) -> None:
    gateway.start()
    await until_rows(lambda: gateway.is_ready)
    await put_quotes(session)
    order = await off_loop(desk.approved)
    await until_rows(has_status(order.client_order_id, _S.FILLED))
    await off_loop(
        breakers.trip, scope=f"account:{ACCOUNT}", level=BreakerLevel.HALTED, cause="test", by="test"
    )
    await until_rows(lambda: not desk.lots("EURUSD"))
    assert not await session.positions()
    assert await off_loop(gateway.end) == 0
    assert not gateway.is_ready


async def test_p01_d_killed_before_the_first_byte_the_order_is_in_doubt_and_never_sent(
    desk: Desk, session: BrokerAdapter, gateway: GatewayProcess
) -> None:
    order = await off_loop(desk.approved, ttl_s=120)
    gateway.start(MTQ_FAIL_POINT="sending")
    await until_rows(lambda: gateway.has_ended)
    gateway.start()
    await until_rows(has_status(order.client_order_id, _S.UNKNOWN))
    await until_rows(lambda: gateway.is_ready)
    assert desk.at_venue(order) == 0


async def test_p01_e_killed_while_the_venue_answers_the_order_is_found_again(
    desk: Desk, session: BrokerAdapter, gateway: GatewayProcess
) -> None:
    order = await off_loop(desk.approved, ttl_s=120)
    desk.venue.control("fault", kind="delay", seconds=20)
    gateway.start()
    await until_rows(lambda: desk.at_venue(order))
    await off_loop(gateway.end, signal.SIGKILL)
    gateway.start()
    await until_rows(has_status(order.client_order_id, _S.FILLED))
    assert desk.at_venue(order) == 1


async def test_p01_f_killed_with_the_answer_in_hand_the_order_is_found_again(
    desk: Desk, session: BrokerAdapter, gateway: GatewayProcess
) -> None:
    order = await off_loop(desk.approved, ttl_s=120)
    gateway.start(MTQ_FAIL_POINT="answered")
    await until_rows(lambda: gateway.has_ended)
    gateway.start()
    await until_rows(has_status(order.client_order_id, _S.FILLED))
    assert desk.at_venue(order) == 1


async def test_a_venue_that_is_killed_and_comes_back_is_traded_again(
    desk: Desk, session: BrokerAdapter, gateway: GatewayProcess
) -> None:
    gateway.start()
    await until_rows(lambda: gateway.is_ready)
    desk.venue.kill()
    order = await off_loop(desk.approved, ttl_s=120)
    desk.venue.start()
    await until_rows(has_status(order.client_order_id, _S.FILLED))
    assert desk.at_venue(order) == 1


async def test_a_second_gateway_ends_the_first(
    desk: Desk, session: BrokerAdapter, gateway: GatewayProcess, tmp_path: Path
) -> None:
    gateway.start()
    await until_rows(lambda: gateway.is_ready)
    second = GatewayProcess(var=tmp_path / "other")
    second.start()
    try:
        await until_rows(lambda: gateway.has_ended)
        assert gateway.end() == 1
    finally:
        second.end(signal.SIGKILL)


async def test_an_order_that_nobody_can_send_in_time_gives_its_room_back(
    desk: Desk, session: BrokerAdapter, gateway: GatewayProcess
) -> None:
    order = await off_loop(desk.approved, ttl_s=1)
    desk.venue.kill()
    gateway.start()
    await until_rows(has_status(order.client_order_id, _S.EXPIRED))
