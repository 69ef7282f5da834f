"""The way of a tick, end to end: venue, gateway, stores and risk are the real ones, each in its process."""

import signal
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from apps.agents import policies, tick
from apps.agents.models import Agent
from apps.brokers import verification
from apps.brokers.dispatch import off_loop
from apps.marketdata import history, ingestion
from apps.portfolio import books
from apps.portfolio.domain.order import OrderStatus
from deploy.desk.servers import QuestDB
from tests.brokers.orders.conftest import ACCOUNT, Desk, desk, venue
from tests.brokers.orders.gateway_process import GatewayProcess
from tests.waiting import until_rows

__all__ = ["desk", "venue"]  # fixtures of the order path, used here too


@pytest.fixture
def gateway(desk: Desk, questdb: QuestDB, tmp_path: Path) -> Iterator[GatewayProcess]:
    history.ensure_schema()
    process = GatewayProcess(var=tmp_path / "var")
    process.start()
    yield process
    process.end(signal.SIGKILL)
    print(process.log)


async def test_an_agents_wish_becomes_a_fill_that_the_venue_confirms(
    desk: Desk, gateway: GatewayProcess
) -> None:
    await off_loop(employ)
    await until_rows(trade)
    assert await off_loop(desk.lots, "EURUSD") == Decimal("0.30")
    found = await off_loop(verification.compare, log_path=desk.venue.log_path)
    assert (found.differences, found.fills) == ((), 1)


def employ() -> None:
    """Let one agent be long EURUSD with up to 0.30 lots."""
    version = policies.publish(name="long", rule="buy-and-hold", parameters={}, feature_set="core-1")
    facts = {"account": ACCOUNT, "instrument": "EURUSD", "timeframe": "1m", "version": version}
    Agent.objects.create(slug="eurusd-long", max_lots=Decimal("0.30"), **facts)


def trade() -> bool:
    """Do once what worker and beat do all the time, and tell whether an order is filled."""
    ingestion.drain()
    tick.run()
    return bool(books.orders_in({OrderStatus.FILLED}))
