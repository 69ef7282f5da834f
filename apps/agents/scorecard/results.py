"""Versions and how they did."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from apps.agents import policies
from apps.agents.errors import UnknownAgent, UnknownRun
from apps.agents.models import Agent, Evaluation, PolicyVersion
from apps.agents.scorecard.views import EvaluationView, Score, SeedScore, VersionView

_LARGE = ("equity", "drawdown", "members")


def versions(slug: str) -> list[VersionView]:
    """Return an agent's versions, newest first: those it was trained to, and the one it decides by.

    Raise UnknownAgent.
    """
    agent = Agent.objects.filter(slug=slug).first()
    if agent is None:
        raise UnknownAgent(f"there is no agent {slug}")
    rows = PolicyVersion.objects.filter(Q(run__agent=agent) | Q(pk=agent.version_id)).order_by("-id")
    return _views(list(rows), active={agent.version_id})


def version_view(version_id: int) -> VersionView:
    """Return one version. Raise UnknownRun when there is none of that id."""
    row = _version(version_id)
    active = Agent.objects.filter(version=row).values_list("version_id", flat=True)
    return _views([row], active=set(active))[0]


def evaluation(version_id: int) -> EvaluationView | None:
    """Return a version's newest evaluation, or None. Raise UnknownRun when there is no such version."""
    version = _version(version_id)
    row = Evaluation.objects.filter(version=version).order_by("-id").first()
    return _evaluation(row, str(version)) if row else None


def evaluation_view(evaluation_id: int) -> EvaluationView:
    """Return one evaluation. Raise UnknownRun."""
    row = Evaluation.objects.select_related("version").filter(pk=evaluation_id).first()
    if row is None:
        raise UnknownRun(f"there is no evaluation {evaluation_id}")
    return _evaluation(row, str(row.version))


def tear_sheet(version_id: int) -> str | None:
    """Return the newest evaluation's tear sheet, one HTML page, or None where there is none.

    Raise UnknownRun when there is no such version, PolicyChanged when its file is gone.
    """
    newest = Evaluation.objects.filter(version=_version(version_id)).order_by("-id").defer(*_LARGE).first()
    name = newest.tear_sheet.name if newest else None
    return policies.read(name).decode() if name else None


def newest(version_ids: Iterable[int]) -> dict[int, Evaluation]:
    """Return by version its newest evaluation, without its curves."""
    rows = Evaluation.objects.filter(version__in=list(version_ids)).defer(*_LARGE)
    return {row.version_id: row for row in rows.order_by("version_id", "-id").distinct("version_id")}


def _version(version_id: int) -> PolicyVersion:
    found = PolicyVersion.objects.filter(pk=version_id).first()
    if found is None:
        raise UnknownRun(f"there is no version {version_id}")
    return found


def _views(rows: list[PolicyVersion], *, active: set[int | None]) -> list[VersionView]:
    judged = newest(row.pk for row in rows)
    return [
        VersionView(
            id=row.pk,
            name=row.name,
            number=row.number,
            kind=row.kind,
            hash=row.content_hash,
            created_at=row.created_at,
            active=row.pk in active,
            summary=row.summary,
            evaluation_id=judged[row.pk].pk if row.pk in judged else None,
            has_tear_sheet=row.pk in judged and bool(judged[row.pk].tear_sheet),
        )
        for row in rows
    ]


def _evaluation(row: Evaluation, version: str) -> EvaluationView:
    return EvaluationView(
        id=row.pk,
        version_id=row.version_id,
        version=version,
        eval_from=row.eval_from,
        eval_to=row.eval_to,
        data_hash=row.data_hash,
        cost_version=row.cost_version,
        spread_label=row.spread_label,
        rows=scores(row.rows),
        equity=_curves(row.equity),
        drawdown=_curves(row.drawdown),
        members=[SeedScore(**member) for member in row.members],
        note=row.note,
        has_tear_sheet=bool(row.tear_sheet),
        created_at=row.created_at,
    )


def scores(rows: Iterable[Mapping[str, Any]]) -> list[Score]:
    """Translate the lines of a comparison as they are kept."""
    return [Score(**row) for row in rows]


def _curves(kept: Mapping[str, list[list[float]]]) -> dict[str, list[tuple[float, float]]]:
    return {name: [(float(at), float(value)) for at, value in points] for name, points in kept.items()}
