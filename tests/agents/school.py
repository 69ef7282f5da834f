"""Agents that learn on the floor's desk: bars for both periods, and trainings small enough to wait for."""

from datetime import timedelta
from decimal import Decimal

from apps.agents import lifecycle, training
from apps.agents.models import Agent, TrainingRun
from apps.marketdata import ingestion
from tests.agents.floor import Floor
from tests.marketdata.samples import bars
from tests.risk.desk import ACCOUNT

BARS = 2_400
CHUNK = 800
# One rollout of 64 steps in each of 64 environments.
TINY = {"steps": 4_096, "seeds": 1}
_ARRAYS = (
    "open_at", "bid_open", "bid_high", "bid_low", "bid_close", "ask_open", "ask_high", "ask_low", "ask_close",
    "volume",
)  # fmt: skip


def give_history(floor: Floor, count: int = BARS, *, instrument: str = "EURUSD", seed: int = 0) -> None:
    """Store `count` minutes up to the floor's noon."""
    window = bars(count, first=floor.noon - timedelta(minutes=count), instrument=instrument, seed=seed)
    for start in range(0, count, CHUNK):
        piece = window.tail(count - start)
        head = type(window)(
            instrument=instrument,
            timeframe=window.timeframe,
            **{name: getattr(piece, name)[:CHUNK] for name in _ARRAYS},
        )
        ingestion.publish_bars([head], origin="spread")
        ingestion.drain()


def pupil(slug: str = "eurusd-ppo", *, note: str = "") -> Agent:
    """Make an agent that has learned nothing yet."""
    lifecycle.make_agent(
        slug=slug, account=ACCOUNT, instrument="EURUSD", timeframe="1m", max_lots=Decimal("0.5"), by="test",
        note=note,
    )  # fmt: skip
    return Agent.objects.get(slug=slug)


def ask(slug: str = "eurusd-ppo", *, deploy: bool = False, **config: int) -> int:
    return training.queue(agent_slug=slug, config=TINY | config, deploy=deploy, by="test")


def run(run_id: int) -> TrainingRun:
    return TrainingRun.objects.get(pk=run_id)
