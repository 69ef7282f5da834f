"""Learned agents on closed bars: swapped without a missed bar, stopped at once when a file was changed."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.agents import lifecycle
from apps.agents.domain.artefact import Artefact
from apps.agents.errors import NotAllowed, PolicyChanged
from apps.agents.models import Agent, AgentEvent, PolicyVersion
from apps.portfolio.domain.order import Side
from apps.risk import alerts
from tests.agents import networks, school
from tests.agents.floor import Floor

MINUTE = timedelta(minutes=1)


def deployed(artefact: Artefact, slug: str = "eurusd-ppo") -> Agent:
    school.pupil(slug)
    version = networks.publish(artefact, name=slug)
    lifecycle.deploy(slug=slug, version_id=version.pk, reason="a test", by="test")
    return Agent.objects.get(slug=slug)


def spoil(version: PolicyVersion) -> None:
    path = Path(default_storage.path(version.artefact.name or ""))
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")


def test_a_closed_bar_becomes_an_order_of_a_learned_agent(floor: Floor) -> None:
    agent = deployed(networks.stubborn("buy"))
    closed_at = floor.close_bars()
    assert floor.tick().orders == 1
    (order,) = floor.orders()
    assert (order.source, order.side, order.quantity) == (agent.source, Side.BUY, Decimal("0.5"))
    (signal,) = floor.signals()
    assert (signal.version, signal.bar_close_at, signal.outcome) == (agent.version, closed_at, "approved")
    agent.refresh_from_db()
    assert agent.last_signal_at == closed_at


def test_a_version_deployed_between_two_bars_decides_the_next_and_none_is_missed(floor: Floor) -> None:
    agent = deployed(networks.stubborn("nothing"))
    floor.close_bars(late=MINUTE)
    assert floor.tick().agents == 1
    better = networks.publish(networks.stubborn("buy"), name=agent.slug)
    lifecycle.deploy(slug=agent.slug, version_id=better.pk, reason="it buys", by="test")
    newest = floor.close_bars()
    assert floor.tick().orders == 1
    (signal,) = floor.signals()
    assert (signal.version, signal.bar_close_at) == (better, newest)
    agent.refresh_from_db()
    assert agent.last_bar_close_at == newest


def test_an_agent_whose_file_was_changed_is_paused_at_once_and_the_others_go_on(floor: Floor) -> None:
    spoiled, sound = deployed(networks.stubborn("buy")), deployed(networks.stubborn("sell"), "sound")
    floor.close_bars(late=MINUTE)
    floor.tick()
    spoil(spoiled.policy)
    floor.close_bars()
    floor.tick()
    spoiled.refresh_from_db()
    sound.refresh_from_db()
    assert (spoiled.state, sound.state) == ("paused", "active")
    assert "does not match its hash" in spoiled.state_reason
    assert [alert.key for alert in alerts.open_alerts() if alert.rule == "policy_fault"] == [
        f"policy:{spoiled.slug}"
    ]


def test_more_learned_agents_ask_no_more_of_the_database(floor: Floor) -> None:
    deployed(networks.stubborn("nothing"))
    floor.close_bars(late=MINUTE)
    floor.tick()
    floor.close_bars()
    alone = _statements(floor)
    for number in range(5):
        deployed(networks.stubborn("nothing", label=str(number)), f"agent-{number}")
    Agent.objects.update(last_bar_close_at=None)
    assert _statements(floor) == alone


def _statements(floor: Floor) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert floor.tick().agents
    return len(captured)


def test_a_version_that_was_changed_cannot_be_deployed(floor: Floor) -> None:
    agent = deployed(networks.stubborn("nothing"))
    better = networks.publish(networks.stubborn("buy"), name=agent.slug)
    spoil(better)
    with pytest.raises(PolicyChanged):
        lifecycle.deploy(slug=agent.slug, version_id=better.pk, reason="it buys", by="test")


def test_a_version_of_another_agent_cannot_be_deployed(floor: Floor) -> None:
    agent = deployed(networks.stubborn("nothing"))
    other = networks.publish(networks.stubborn("buy"), name="somebody")
    with pytest.raises(NotAllowed, match="was trained for somebody"):
        lifecycle.deploy(slug=agent.slug, version_id=other.pk, reason="it buys", by="test")


def test_who_deployed_paused_and_resumed_is_kept_for_good(floor: Floor) -> None:
    agent = deployed(networks.stubborn("nothing"))
    lifecycle.pause(slug=agent.slug, reason="too quiet", by="user:1 (quant)")
    lifecycle.resume(slug=agent.slug, reason="never mind", by="user:2 (risk)")
    kept = [(event.kind, event.by) for event in AgentEvent.objects.order_by("id")]
    assert kept == [
        ("made", "test"),
        ("deployed", "test"),
        ("paused", "user:1 (quant)"),
        ("resumed", "user:2 (risk)"),
    ]
    assert AgentEvent.objects.get(kind="deployed").new_version == agent.version
