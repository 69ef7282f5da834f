"""A signal that got no answer at once: it is brought in once, and alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest

from apps.agents import tick
from apps.agents.models import Signal
from apps.brokers.gateway.desk import dsn
from apps.portfolio import locks
from tests.agents.floor import Floor
from tests.risk.desk import ACCOUNT


@contextmanager
def somebody_holding_the_account() -> Iterator[None]:
    with psycopg.connect(dsn()) as other:
        other.execute("select pg_advisory_xact_lock(%s)", [locks.key(f"account:{ACCOUNT}")])
        yield


def test_a_busy_account_leaves_the_signal_to_the_next_tick(floor: Floor) -> None:
    floor.agent()
    floor.close_bars()
    with somebody_holding_the_account():
        assert floor.tick().orders == 0
    assert floor.tick().orders == 1
    assert [signal.outcome for signal in floor.signals()] == ["approved"]


def test_a_signal_left_open_is_not_joined_by_the_next_bar_s(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tick, "GRACE_S", 600.0)  # as on a fast clock: a signal outlives its bar
    floor.agent()
    floor.close_bars(late=timedelta(minutes=1))
    with somebody_holding_the_account():
        floor.tick()
    floor.close_bars()
    floor.tick()
    floor.tick()
    assert len(floor.orders()) == 1


def test_a_signal_left_open_for_too_long_is_closed(floor: Floor) -> None:
    floor.agent()
    floor.close_bars()
    with somebody_holding_the_account():
        floor.tick()
    Signal.objects.update(bar_close_at=floor.noon - timedelta(minutes=9))
    floor.tick()
    assert floor.signals()[0].outcome == "expired"
