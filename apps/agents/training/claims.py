"""Owning a training: claim it, prove that it is alive, keep what is finished, and end it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from apps.agents import policies
from apps.agents.domain.artefact import Artefact
from apps.agents.errors import LostClaim, NotAllowed, PolicyChanged
from apps.agents.models import SeedWeights, TrainingRun
from apps.agents.training.queueing import find
from apps.broadcast import bell

log = logging.getLogger(__name__)

BEAT_EVERY_S = 1.0
DEAD_AFTER = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A training that belongs to `owner`, and what it is about. Periods are desk time; None: choose them."""

    run_id: int
    owner: str
    agent: str
    account: str
    instrument: str
    timeframe: str
    max_lots: Decimal
    stop_atr: Decimal
    config: Mapping[str, Any]
    train_from: datetime | None
    train_to: datetime | None
    eval_from: datetime | None
    eval_to: datetime | None
    deploy: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSeed:
    """A seed's weights as an artefact of one member, and its curve. What diverged is not complete."""

    seed: int
    artefact: Artefact
    curve: list[list[float]]
    fingerprint: Mapping[str, Any]
    complete: bool = True


def claim(*, run_id: int, owner: str) -> Claim:
    """Take a queued training. Raise UnknownRun, and NotAllowed when somebody else has it or it is over."""
    taken = TrainingRun.objects.filter(pk=run_id, status="queued").update(
        status="running", owner=owner[:80], heartbeat_at=Now(), started_at=Now()
    )
    run = find(run_id)
    if not taken:
        raise NotAllowed(f"training {run_id} is {run.status} already")
    _ring(run)
    return Claim(
        run_id=run.pk,
        owner=run.owner,
        agent=run.agent.slug,
        account=run.agent.account,
        instrument=run.agent.instrument,
        timeframe=run.agent.timeframe,
        max_lots=run.agent.max_lots,
        stop_atr=run.agent.stop_atr,
        config=run.config,
        train_from=run.train_from,
        train_to=run.train_to,
        eval_from=run.eval_from,
        eval_to=run.eval_to,
        deploy=run.deploy,
        note=run.note or run.agent.note,
    )


def chose(claim: Claim, **facts: Any) -> None:
    """Keep what was decided at the start: the periods, the data hash, the fingerprint. Raise LostClaim."""
    if not mine(run_id=claim.run_id, owner=claim.owner).update(**facts, heartbeat_at=Now()):
        raise LostClaim(f"training {claim.run_id} belongs to somebody else by now")


def beat(*, run_id: int, owner: str, progress: Mapping[str, Any]) -> bool:
    """Prove that the training lives; return False when somebody asked to cancel it. Raise LostClaim."""
    rows = mine(run_id=run_id, owner=owner)
    if not rows.update(heartbeat_at=Now(), progress=dict(progress)):
        raise LostClaim(f"training {run_id} belongs to somebody else by now")
    bell.after_commit("runs", str(run_id))
    return not rows.exclude(cancel_requested="").exists()


def keep_seed(claim: Claim, kept: KeptSeed) -> None:
    """Store the weights of a seed; a restart takes over those that are complete. Raise LostClaim."""
    name, address = policies.store(kept.artefact)
    with transaction.atomic():
        if not mine(run_id=claim.run_id, owner=claim.owner).select_for_update().exists():
            raise LostClaim(f"training {claim.run_id} belongs to somebody else by now")
        SeedWeights.objects.get_or_create(
            run_id=claim.run_id,
            seed=kept.seed,
            defaults={
                "artefact": name,
                "content_hash": address,
                "curve": kept.curve,
                "fingerprint": dict(kept.fingerprint),
                "complete": kept.complete,
            },
        )


def seeds_kept(claim: Claim, *, data_hash: str) -> dict[int, KeptSeed]:
    """Return by seed what earlier runs that this one restarts had finished on the very same data.

    A stored seed whose file was changed is left out: it will be trained again.
    """
    found: dict[int, KeptSeed] = {}
    run = find(claim.run_id).restart_of
    while run is not None:
        if run.data_hash == data_hash and run.config == claim.config:
            for row in run.finished_seeds.filter(complete=True):
                _take(row, found)
        run = run.restart_of
    return found


def _take(row: SeedWeights, found: dict[int, KeptSeed]) -> None:
    try:
        artefact = policies.fetch(row.artefact.name or "", row.content_hash)
    except PolicyChanged as error:
        log.warning("seed %s of training %s is trained again: %s", row.seed, row.run_id, error)
        return
    found.setdefault(
        row.seed,
        KeptSeed(seed=row.seed, artefact=artefact, curve=row.curve, fingerprint=row.fingerprint),
    )


def fail(*, run_id: int, owner: str, error: str) -> bool:
    """End a training that cannot go on, and say why in one line. Return False when it is not the owner's."""
    return _end(mine(run_id=run_id, owner=owner), run_id, status="failed", error=_line(error))


def give_up(*, run_id: int, error: str) -> bool:
    """End a training that nobody could even start. Return False when somebody did."""
    queued = TrainingRun.objects.filter(pk=run_id, status="queued")
    return _end(queued, run_id, status="failed", error=_line(error))


def interrupt(*, run_id: int, owner: str, error: str) -> bool:
    """End a training whose process was killed. Return False when it is not the owner's."""
    return _end(mine(run_id=run_id, owner=owner), run_id, status="interrupted", error=_line(error))


def cancelled(*, run_id: int, owner: str) -> bool:
    """End a training that was cancelled while it ran. Return False when it is not the owner's."""
    return _end(mine(run_id=run_id, owner=owner), run_id, status="cancelled")


def sweep() -> list[int]:
    """End the trainings whose owner has died, by the database's clock; return their ids."""
    dead = TrainingRun.objects.filter(status="running", heartbeat_at__lt=Now() - DEAD_AFTER)
    ended = []
    for run_id, wanted in dead.values_list("id", "cancel_requested"):
        rows = dead.filter(pk=run_id)
        status = "cancelled" if wanted else "interrupted"
        said = "" if wanted else f"no heartbeat for {DEAD_AFTER.seconds} s: its process has died. Restart it."
        if _end(rows, run_id, status=status, error=said):
            log.warning("training %s is %s: %s", run_id, status, said or "its process has died")
            ended.append(run_id)
    return ended


def mine(*, run_id: int, owner: str) -> QuerySet[TrainingRun]:
    return TrainingRun.objects.filter(owner=owner[:80], pk=run_id, status="running")


def _end(rows: QuerySet[TrainingRun], run_id: int, **facts: Any) -> bool:
    with transaction.atomic():
        ended = rows.update(finished_at=Now(), **facts) == 1
        if ended:
            _ring(find(run_id))
    return ended


def _line(error: str) -> str:
    return (error.strip().splitlines() or ["it ended without a word"])[0][:500]


def _ring(run: TrainingRun) -> None:
    bell.after_commit("runs", str(run.pk))
    bell.after_commit("agents", run.agent.slug)
