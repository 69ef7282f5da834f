"""An agent that learned here: from the venue's own bars to a fill that the venue confirms."""

import signal
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from apps.agents import lifecycle, scorecard, tick, training
from apps.agents.models import Agent, Signal
from apps.brokers import verification
from apps.brokers.dispatch import off_loop
from apps.marketdata import history, ingestion
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.errors import NoHistory
from apps.portfolio import books
from apps.portfolio.domain.order import OrderStatus
from deploy.desk.servers import QuestDB
from tests.agents import networks, school
from tests.brokers.orders.conftest import ACCOUNT, Desk, desk, venue
from tests.brokers.orders.gateway_process import GatewayProcess
from tests.waiting import until_rows

__all__ = ["desk", "venue"]  # fixtures of the order path, used here too

SLUG = "eurusd-ppo"
ENOUGH_BARS = 2_000


@pytest.fixture
def gateway(
    desk: Desk, questdb: QuestDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[GatewayProcess]:
    history.ensure_schema()
    for name, value in school.addresses().items():
        monkeypatch.setenv(name, value)
    process = GatewayProcess(var=tmp_path / "var")
    process.start()
    yield process
    process.end(signal.SIGKILL)
    print(process.log)


async def test_an_agent_learns_on_the_venue_s_bars_goes_to_paper_and_trades(
    desk: Desk, gateway: GatewayProcess
) -> None:
    await until_rows(there_is_history)
    run_id = await off_loop(ask)
    await off_loop(training.run_next)
    run = await off_loop(scorecard.run_view, run_id)
    assert (run.status, run.version_name) == ("done", f"{SLUG} v1"), run.error
    await until_rows(it_has_decided)
    await off_loop(swap_for_one_that_buys)
    await until_rows(it_has_traded)
    assert await off_loop(desk.lots, "EURUSD") > 0
    found = await off_loop(verification.compare, log_path=desk.venue.log_path)
    assert found.differences == ()


def there_is_history() -> bool:
    ingestion.drain()
    try:
        return len(history.stretch("EURUSD", Timeframe.M1, first=None, last=None)) >= ENOUGH_BARS
    except NoHistory:
        return False


def ask() -> int:
    """Make the agent and ask for the smallest training there is, to be deployed when done."""
    lifecycle.make_agent(
        slug=SLUG, account=ACCOUNT, instrument="EURUSD", timeframe="1m", max_lots=Decimal("0.30"), by="test"
    )
    return training.queue(agent_slug=SLUG, config=school.TINY, deploy=True, by="test")


def it_has_decided() -> bool:
    """Do what worker and beat do, until the version that was just trained has judged a bar."""
    ingestion.drain()
    tick.run()
    agent = Agent.objects.get(slug=SLUG)
    assert (agent.stage, agent.state, agent.faults_in_a_row) == ("paper", "active", 0)
    return agent.last_bar_close_at is not None


def swap_for_one_that_buys() -> None:
    """What a tiny training wants is chance: the order must come from a policy whose wish is known."""
    version = networks.publish(networks.stubborn("buy"), name=SLUG)
    lifecycle.deploy(slug=SLUG, version_id=version.pk, reason="a wish that is known", by="test")


def it_has_traded() -> bool:
    ingestion.drain()
    tick.run()
    filled = books.orders_in({OrderStatus.FILLED})
    return any(order.source == f"agent:{SLUG}" for order in filled) and _is_long()


def _is_long() -> bool:
    held = books.virtual_position(ACCOUNT, f"agent:{SLUG}", "EURUSD")
    newest = Signal.objects.filter(agent__slug=SLUG).first()
    return held > 0 and newest is not None
