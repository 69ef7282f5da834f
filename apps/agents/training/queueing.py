"""Asking for a training, stopping one, and asking for it again."""

import logging
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from apps.agents.errors import AlreadyTraining, NotAllowed, UnknownAgent, UnknownRun
from apps.agents.models import Agent, TrainingRun
from apps.broadcast import bell

log = logging.getLogger(__name__)

DEFAULTS: Mapping[str, int] = {"seeds": 3, "steps": 60_000}
MOST: Mapping[str, int] = {"seeds": 20, "steps": 5_000_000}
# What a caller may set beside seeds and steps; whoever trains checks the values.
KNOWN = frozenset(DEFAULTS) | {
    "first_seed",
    "envs",
    "batch",
    "learning_rate",
    "gamma",
    "hidden",
    "feature_set",
}


def queue(
    *,
    agent_slug: str,
    config: Mapping[str, Any],
    deploy: bool,
    by: str,
    train_from: datetime | None = None,
    train_to: datetime | None = None,
    eval_from: datetime | None = None,
    eval_to: datetime | None = None,
    note: str = "",
) -> int:
    """Ask for a training and return its id. Periods are desk time; what is not given is chosen at its start.

    Raise UnknownAgent, AlreadyTraining while one is queued or under way, NotAllowed for figures out of range,
    for periods that overlap, and for an agent that is retired or follows a rule.
    """
    agent = Agent.objects.select_related("version").filter(slug=agent_slug).first()
    if agent is None:
        raise UnknownAgent(f"there is no agent {agent_slug}")
    if agent.stage == "retired":
        raise NotAllowed(f"{agent_slug} is retired")
    if agent.version is not None and agent.version.kind == "rule":
        raise NotAllowed(f"{agent_slug} follows the rule {agent.version.rule}: a rule learns nothing")
    _check_periods(train_from=train_from, train_to=train_to, eval_from=eval_from, eval_to=eval_to)
    return _insert(
        TrainingRun(
            agent=agent,
            config=_checked(config),
            deploy=deploy,
            requested_by=by[:80],
            train_from=train_from,
            train_to=train_to,
            eval_from=eval_from,
            eval_to=eval_to,
            note=note[:500],
        )
    )


def cancel(*, run_id: int, by: str) -> None:
    """Stop a training: at once while it is queued, at its next heartbeat while it runs.

    Raise UnknownRun, and NotAllowed when it is over.
    """
    with transaction.atomic():
        rows = TrainingRun.objects.filter(pk=run_id)
        done = rows.filter(status="queued").update(
            status="cancelled", cancel_requested=by[:80], finished_at=Now()
        ) or rows.filter(status="running").update(cancel_requested=by[:80])
        bell.after_commit("runs", str(run_id))
    if not done:
        raise NotAllowed(f"training {run_id} is {find(run_id).status} already")
    log.info("training %s: cancel asked for by %s", run_id, by)


def restart(*, run_id: int, by: str) -> int:
    """Ask again for a training that was interrupted, failed or cancelled; return the new run's id.

    It keeps configuration and periods, so the seeds that were finished are taken over.
    Raise UnknownRun, AlreadyTraining, and NotAllowed when the old one is not over or was done.
    """
    old = find(run_id)
    if old.status not in {"interrupted", "failed", "cancelled"}:
        raise NotAllowed(f"training {run_id} is {old.status}: only one that stopped early can be restarted")
    return _insert(
        TrainingRun(
            agent=old.agent,
            config=old.config,
            deploy=old.deploy,
            requested_by=by[:80],
            train_from=old.train_from,
            train_to=old.train_to,
            eval_from=old.eval_from,
            eval_to=old.eval_to,
            note=old.note,
            restart_of=old,
        )
    )


def find(run_id: int) -> TrainingRun:
    """Return a training with its agent. Raise UnknownRun."""
    found = TrainingRun.objects.select_related("agent", "agent__version").filter(pk=run_id).first()
    if found is None:
        raise UnknownRun(f"there is no training {run_id}")
    return found


def _insert(run: TrainingRun) -> int:
    slug = run.agent.slug
    try:
        with transaction.atomic():
            run.save()
            bell.after_commit("runs", str(run.pk))
            bell.after_commit("agents", slug)
    except IntegrityError as error:
        if "one_training_an_agent" not in str(error):
            raise
        alive = TrainingRun.objects.filter(agent=run.agent, status__in=TrainingRun.ALIVE).first()
        which = f"training {alive.pk} is {alive.status}" if alive else "another one has just ended"
        raise AlreadyTraining(f"{slug} is trained already: {which}") from error
    log.info("training %s of %s queued by %s", run.pk, slug, run.requested_by)
    return int(run.pk)


def _checked(config: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(config) - KNOWN)
    if unknown:
        raise NotAllowed(f"a training has no setting {unknown[0]}; it has {', '.join(sorted(KNOWN))}")
    full = {**DEFAULTS, **config}
    for name, most in MOST.items():
        if not isinstance(full[name], int) or not 1 <= full[name] <= most:
            raise NotAllowed(f"{name} must be a whole number from 1 to {most:,}, not {full[name]}")
    return full


def _check_periods(**given: datetime | None) -> None:
    """Refuse an evaluation that does not lie behind the training, and periods without a length."""
    for name, at in given.items():
        if at is not None and at.tzinfo is None:
            raise NotAllowed(f"{name} needs a time zone")
    known = [(name, at) for name, at in given.items() if at is not None]
    for (earlier, first), (later, last) in pairwise(known):
        if (earlier, later) == ("train_to", "eval_from") and first == last:
            continue
        if first >= last:
            raise NotAllowed(
                f"{later.replace('_', ' ')} {last:%Y-%m-%d %H:%M} is not after"
                f" {earlier.replace('_', ' ')} {first:%Y-%m-%d %H:%M}:"
                " the evaluation must lie behind the training"
            )
