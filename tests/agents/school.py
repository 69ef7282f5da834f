"""Agents that learn on the floor's desk: bars for both periods, and trainings small enough to wait for."""

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from apps.agents import lifecycle, training
from apps.agents.models import Agent, TrainingRun
from apps.agents.training.claims import DEAD_AFTER
from apps.marketdata import ingestion
from apps.marketdata.domain.arrays import select
from apps.marketdata.domain.bar import BarWindow
from tests.agents.floor import Floor
from tests.marketdata.samples import bars
from tests.risk.desk import ACCOUNT

BARS = 2_400
CHUNK = 800
MINUTE = timedelta(minutes=1)
# One rollout of 64 steps in each of 64 environments.
TINY = {"steps": 4_096, "seeds": 1}


def give_history(floor: Floor, count: int = BARS, *, instrument: str = "EURUSD", seed: int = 0) -> None:
    """Store `count` minutes up to the floor's noon."""
    store(bars(count, first=floor.noon - count * MINUTE, instrument=instrument, seed=seed))


def store(window: BarWindow) -> None:
    for start in range(0, len(window), CHUNK):
        ingestion.publish_bars([select(window, slice(start, start + CHUNK))], origin="spread")
        ingestion.drain()


def pupil(slug: str = "eurusd-ppo", *, note: str = "") -> Agent:
    """Make an agent that has learned nothing yet."""
    lifecycle.make_agent(
        slug=slug, account=ACCOUNT, instrument="EURUSD", timeframe="1m", max_lots=Decimal("0.5"), by="test",
        note=note,
    )  # fmt: skip
    return Agent.objects.get(slug=slug)


def ask(slug: str = "eurusd-ppo", *, deploy: bool = False, **config: Any) -> int:
    return training.queue(agent_slug=slug, config=TINY | config, deploy=deploy, by="test")


def run(run_id: int) -> TrainingRun:
    return TrainingRun.objects.get(pk=run_id)


def silent_for_21_seconds(run_id: int) -> None:
    """Let a run look as if its process had died 21 seconds ago."""
    beaten_at = run(run_id).heartbeat_at
    assert beaten_at is not None
    TrainingRun.objects.filter(pk=run_id).update(heartbeat_at=beaten_at - DEAD_AFTER - timedelta(seconds=1))


def addresses() -> dict[str, str]:
    """Return what a child process must find in its environment to work on this very desk."""
    at = connection.settings_dict
    return {
        "DATABASE_URL": f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}",
        "MTQ_RUN": settings.MTQ_RUN,
        "MTQ_CLOCK_FILE": str(settings.MTQ_CLOCK_FILE),
    }


def until(check: Callable[[], bool]) -> None:
    """Wait until something that another process brings about is so; give up after a quarter of an hour."""
    deadline = time.monotonic() + 900
    while not check():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
