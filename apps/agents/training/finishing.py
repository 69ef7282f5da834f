"""The end of a training that went well: version, evaluation, tear sheet, and paper where it was asked for."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from apps.agents import lifecycle, policies
from apps.agents.domain.artefact import Artefact
from apps.agents.errors import AgentError, Cancelled, LostClaim, UnknownRun
from apps.agents.models import Evaluation, PolicyVersion, TrainingRun
from apps.agents.training.claims import Claim, mine
from apps.broadcast import bell

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An evaluation as it is kept: plain JSON values, the period in desk time, the tear sheet as one page."""

    eval_from: datetime
    eval_to: datetime
    data_hash: str
    cost_version: str
    spread_label: str
    rows: list[dict[str, Any]]
    equity: dict[str, list[list[float]]]
    drawdown: dict[str, list[list[float]]]
    members: list[dict[str, Any]]
    tear_sheet: str
    note: str = ""


def finish(
    claim: Claim,
    *,
    artefact: Artefact,
    judged: Judged,
    summary: Mapping[str, Any],
    progress: Mapping[str, Any],
) -> int:
    """Keep what a training gave and return the version's id; deploy it where the run says so.

    Raise LostClaim, and Cancelled when somebody stopped it since its last heartbeat; then nothing is kept. A
    deployment that is refused leaves its reason on the run.
    """
    name, address = policies.store(artefact)
    with transaction.atomic():
        run = mine(run_id=claim.run_id, owner=claim.owner).select_for_update().first()
        if run is None:
            raise LostClaim(f"training {claim.run_id} belongs to somebody else by now")
        if run.cancel_requested:
            raise Cancelled(f"training {claim.run_id} was cancelled by {run.cancel_requested}")
        version = policies.publish_learned(
            name=claim.agent,
            artefact=name,
            address=address,
            feature_set=artefact.feature_set,
            run=run,
            summary=dict(summary),
        )
        keep_evaluation(version.pk, judged)
        run.progress = dict(progress)
        run.version, run.status = version, "done"
        run.finished_at = Now()
        run.save(update_fields=("progress", "version", "status", "finished_at"))
        if claim.deploy:
            _deploy(run, version)
        bell.after_commit("runs", str(run.pk))
        bell.after_commit("agents", claim.agent)
    return int(version.pk)


def keep_evaluation(version_id: int, judged: Judged) -> int:
    """Add an evaluation to a version and return its id. Raise UnknownRun when there is no such version."""
    if not PolicyVersion.objects.filter(pk=version_id).exists():
        raise UnknownRun(f"there is no version {version_id}")
    row = Evaluation.objects.create(
        version_id=version_id,
        eval_from=judged.eval_from,
        eval_to=judged.eval_to,
        data_hash=judged.data_hash,
        cost_version=judged.cost_version,
        spread_label=judged.spread_label,
        rows=judged.rows,
        equity=judged.equity,
        drawdown=judged.drawdown,
        members=judged.members,
        note=judged.note[:500],
        tear_sheet=policies.store_text(judged.tear_sheet, folder="tearsheets", ending=".html"),
    )
    return int(row.pk)


def _deploy(run: TrainingRun, version: PolicyVersion) -> None:
    try:
        with transaction.atomic():
            lifecycle.deploy(
                slug=run.agent.slug,
                version_id=version.pk,
                reason=f"training {run.pk} is done and was asked to deploy",
                by=run.requested_by,
            )
    except AgentError as error:
        log.warning("training %s: not deployed: %s", run.pk, error)
        TrainingRun.objects.filter(pk=run.pk).update(error=f"not deployed: {error}"[:500])
