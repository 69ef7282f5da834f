"""`demo_agents`: makes three agents that learn on this very desk, and queues their trainings, once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.agents import lifecycle, scorecard, training
from apps.agents.errors import AgentError
from apps.agents.management.desk_command import DeskCommand
from apps.agents.scorecard import AgentCard
from apps.agents.training import readiness, replay
from apps.agents.training.readiness import Ready
from apps.brokers import connections
from apps.marketdata.errors import MarketDataError

DATA_REFUSED = 3
SYNTHETIC = ("EURUSD", "GBPUSD", "XAUUSD")
SEEDS, STEPS = 3, 60_000
BY = training.DESK
SAY_EVERY_S, LOOK_EVERY_S = 10.0, 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    slug: str
    instrument: str
    account: str


class Command(DeskCommand):
    help = "Make three demonstration agents and queue their trainings; safe to repeat."
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django's own attribute)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wait", type=float, default=300.0, metavar="S", help="for history, at most (300)"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        deadline = time.monotonic() + options["wait"]
        try:
            wanted = self._made(deadline)
            left = [each for each in wanted if self._still_to_train(each)]
            self._queue_as_ready(left, deadline)
        except (AgentError, MarketDataError) as error:
            raise CommandError(str(error)) from error

    def _made(self, deadline: float) -> list[Wanted]:
        """Make the agents, as soon as the venue has told of its instruments and the account has money."""
        while not (account := readiness.account_with_money()) or not readiness.known(_candidates()):
            if time.monotonic() > deadline:
                raise AgentError("the venue has not told of instruments and money in time: is the desk up?")
            time.sleep(LOOK_EVERY_S)
        names = readiness.convertible(_candidates(), currency=account.currency)
        wanted = [
            Wanted(slug=f"{name.lower()}-ppo", instrument=name, account=account.slug) for name in names[:3]
        ]
        timeframe = connections.base_timeframe().value
        for each in wanted:
            lifecycle.make_agent(
                slug=each.slug,
                name=f"{each.instrument} PPO",
                account=each.account,
                instrument=each.instrument,
                timeframe=timeframe,
                max_lots=readiness.LOTS,
                by=BY,
                note=_note(None),
            )
        return wanted

    def _still_to_train(self, wanted: Wanted) -> bool:
        """Tell whether it has to be trained: never was, or failed. What was interrupted is begun again."""
        last = _card(wanted).training
        if last is None:
            return True
        if last.status == "failed":
            self.stdout.write(f"{wanted.slug}: training {last.id} failed ({last.error}), another one follows")
            return True
        if last.status == "interrupted":
            self.stdout.write(
                f"{wanted.slug}: training {training.restart(run_id=last.id, by=BY)} begins again"
            )
        else:
            self.stdout.write(f"{wanted.slug}: training {last.id} is {last.status}")
        return False

    def _queue_as_ready(self, left: Sequence[Wanted], deadline: float) -> None:
        waiting, told_at = list(left), time.monotonic()
        while waiting:
            last_call = time.monotonic() > deadline
            for wanted in tuple(waiting):
                found = readiness.look(wanted.instrument, connections.base_timeframe())
                if found.complete or (last_call and found.enough):
                    waiting.remove(wanted)
                    self._queue(wanted, found)
            if last_call and waiting:
                raise CommandError(_too_little(waiting), returncode=DATA_REFUSED)
            if waiting and time.monotonic() - told_at > SAY_EVERY_S:
                told_at = time.monotonic()
                self.stdout.write("waiting for history: " + ", ".join(map(_so_far, waiting)))
                self.stdout.flush()
            if waiting:
                time.sleep(LOOK_EVERY_S)

    def _queue(self, wanted: Wanted, found: Ready) -> None:
        note = _note(found.train_days)
        lifecycle.annotate(slug=wanted.slug, note=note)
        run_id = training.queue(
            agent_slug=wanted.slug,
            config={"seeds": SEEDS, "steps": STEPS},
            deploy=True,
            by=BY,
            eval_to=found.eval_to,
            note=note,
        )
        self.stdout.write(f"{wanted.slug}: training {run_id} is queued, {found.bars:,} bars")
        self.stdout.flush()


def _note(days: int | None) -> str:
    trained = f", trained on {days} days" if days else ""
    return f"Demonstration: {SEEDS} seeds of {STEPS:,} steps{trained}: too few for the gates"


def _candidates() -> tuple[str, ...]:
    """Return what may be traded: on a replay what is replayed, in its order."""
    told = replay.manifest()
    return SYNTHETIC if told is None else tuple(entry["name"] for entry in told["instruments"])


def _card(wanted: Wanted) -> AgentCard:
    return scorecard.card(wanted.slug)


def _so_far(wanted: Wanted) -> str:
    return (
        f"{wanted.instrument} {readiness.look(wanted.instrument, connections.base_timeframe()).bars:,} bars"
    )


def _too_little(waiting: Sequence[Wanted]) -> str:
    return (
        f"data refused: {', '.join(map(_so_far, waiting))} are too few to train on"
        f" ({readiness.FEWEST_BARS:,} are needed)"
    )
