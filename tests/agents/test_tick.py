"""One run over the agents of a closed bar, on real stores and under real risk."""

from datetime import timedelta
from decimal import Decimal

from django.db import connection

from apps.agents import policies, signals
from apps.agents.models import Agent, Signal
from apps.portfolio.domain.order import OrderStatus, Side
from apps.portfolio.models import Order
from apps.risk import breakers
from apps.risk.domain.breaker import BreakerLevel
from tests.agents.floor import Floor
from tests.risk.desk import ACCOUNT


def test_a_closed_bar_becomes_a_signal_and_an_approved_order(floor: Floor) -> None:
    agent = floor.agent()
    closed_at = floor.close_bars()
    assert floor.tick().orders == 1
    (order,) = floor.orders()
    assert (order.source, order.side, order.quantity) == (agent.source, Side.BUY, Decimal("0.5"))
    assert order.status is OrderStatus.APPROVED
    assert Order.objects.get(client_order_id=order.client_order_id).policy == str(agent.version)
    (signal,) = floor.signals()
    assert (signal.bar_close_at, signal.outcome) == (closed_at, "approved")


def test_a_bar_is_decided_once_however_often_the_beat_comes(floor: Floor) -> None:
    floor.agent()
    floor.close_bars()
    floor.tick()
    assert floor.tick().agents == 0
    assert len(floor.orders()) == 1


def test_a_worker_that_died_after_the_signal_leaves_it_to_the_next_tick(floor: Floor) -> None:
    agent = floor.agent()
    floor.close_bars()
    floor.tick()
    # The same rows as after a kill between recording and marking: the signal is open, the bar not seen.
    Signal.objects.update(outcome="open")
    Agent.objects.filter(pk=agent.pk).update(last_bar_close_at=None)
    floor.tick()
    assert len(floor.orders()) == 1
    assert [signal.outcome for signal in floor.signals()] == ["approved"]


def test_an_agent_with_an_order_on_its_way_decides_nothing(floor: Floor) -> None:
    agent = floor.agent()
    floor.close_bars()
    floor.tick()
    Agent.objects.filter(pk=agent.pk).update(last_bar_close_at=None)
    assert floor.tick().signals == 0


def test_flat_wants_nothing_and_leaves_no_signal(floor: Floor) -> None:
    floor.agent("flat")
    floor.close_bars()
    assert floor.tick().agents == 1
    assert floor.signals() == []


def test_a_halt_denies_the_order_and_the_signal_says_so(floor: Floor) -> None:
    floor.agent()
    floor.close_bars()
    breakers.trip(scope=f"account:{ACCOUNT}", level=BreakerLevel.HALTED, cause="test", by="test")
    floor.tick()
    (signal,) = floor.signals()
    assert signal.outcome == "denied"
    assert "breaker" in signal.outcome_text
    assert [order.status for order in floor.orders()] == [OrderStatus.DENIED]


def test_an_old_bar_is_not_traded_afterwards(floor: Floor) -> None:
    floor.agent()
    floor.close_bars(late=timedelta(minutes=5))
    floor.tick()
    assert [signal.outcome for signal in floor.signals()] == ["expired"]
    assert [order.status for order in floor.orders()] == [OrderStatus.DENIED]
    assert floor.orders()[0].reasons[0]["reason"] == "busy_expired"


def test_too_little_history_keeps_an_agent_silent(floor: Floor) -> None:
    floor.agent()
    floor.close_bars(20)
    assert floor.tick().signals == 0


def test_a_policy_that_fails_three_times_in_a_row_is_paused_and_the_others_go_on(floor: Floor) -> None:
    broken, sound = floor.agent("ma-cross", name="broken"), floor.agent(name="sound")  # no band given
    floor.close_bars()
    for _ in range(3):
        Agent.objects.filter(pk=broken.pk).update(last_bar_close_at=None)
        floor.tick()
    broken.refresh_from_db()
    assert (broken.state, broken.faults_in_a_row) == ("paused", 0)
    assert [order.source for order in floor.orders()] == [sound.source]


def test_a_version_that_was_changed_after_it_was_made_is_refused_at_once(floor: Floor) -> None:
    agent = floor.agent("ma-cross", band=0.25)
    agent.policy.parameters = {"band": 0.0}
    agent.policy.save()
    floor.close_bars()
    floor.tick()
    agent.refresh_from_db()
    assert agent.state == "paused"
    assert "does not match its hash" in agent.state_reason


def test_an_agent_whose_features_are_no_longer_computed_hurts_nobody_else(floor: Floor) -> None:
    old = floor.agent(name="old")
    old.version = policies.publish(name="old", rule="flat", parameters={}, feature_set="core-0")
    old.save()
    floor.agent(name="new")
    floor.close_bars()
    floor.tick()
    assert [order.source for order in floor.orders()] == ["agent:new"]


def test_a_tick_whose_connection_is_given_up_ends_all_the_same(floor: Floor) -> None:
    with signals.only_one_tick() as mine:
        assert mine
        connection.close()
    with signals.only_one_tick() as again:
        assert again
