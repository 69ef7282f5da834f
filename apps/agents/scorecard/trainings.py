"""Trainings as they are shown."""

from collections.abc import Mapping
from typing import Any

from apps.agents.errors import UnknownRun
from apps.agents.models import TrainingRun
from apps.agents.scorecard.views import Progress, RunView


def run_view(run_id: int) -> RunView:
    """Return one training. Raise UnknownRun."""
    run = TrainingRun.objects.select_related("agent", "version").filter(pk=run_id).first()
    if run is None:
        raise UnknownRun(f"there is no training {run_id}")
    return view_of(run)


def runs(*, agent: str | None = None, limit: int = 50) -> list[RunView]:
    """Return trainings, newest first."""
    rows = TrainingRun.objects.select_related("agent", "version").order_by("-id")
    if agent is not None:
        rows = rows.filter(agent__slug=agent)
    return [view_of(row) for row in rows[:limit]]


def view_of(run: TrainingRun) -> RunView:
    """Translate a row that was fetched with its agent and version."""
    return RunView(
        id=run.pk,
        agent=run.agent.slug,
        status=run.status,
        progress=_progress(run.progress, run.config),
        config=run.config,
        train_from=run.train_from,
        train_to=run.train_to,
        eval_from=run.eval_from,
        eval_to=run.eval_to,
        requested_by=run.requested_by,
        cancel_requested=run.cancel_requested,
        created_at=run.created_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        heartbeat_at=run.heartbeat_at,
        error=run.error,
        version=run.version_id,
        version_name=str(run.version) if run.version else "",
        deploy=run.deploy,
        note=run.note,
        restart_of=run.restart_of_id,
        data_hash=run.data_hash,
        fingerprint=run.fingerprint,
    )


def _progress(said: Mapping[str, Any], config: Mapping[str, Any]) -> Progress:
    return Progress(
        stage=said.get("stage", ""),
        seed_index=said.get("seed_index", 0),
        seeds=said.get("seeds", config.get("seeds", 0)),
        step=said.get("step", 0),
        steps=said.get("steps", config.get("steps", 0)),
        curve=[[(float(x), float(y)) for x, y in points] for points in said.get("curve", [])],
        left_s=said.get("left_s"),
    )
