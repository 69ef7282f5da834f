"""What REST and sockets send of agents, their versions and trainings, and of what they wanted."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from django.db.models import QuerySet

from apps.agents import scorecard
from apps.agents.models import Signal, TrainingRun
from apps.agents.scorecard import AgentCard, EvaluationView, RunView, VersionView
from apps.agents.scorecard.trainings import view_of
from apps.edges.shapes import amount, instant
from apps.portfolio import books

Row = Mapping[str, Any]
Body = dict[str, Any]

SIGNAL_COLUMNS = (
    "id", "agent__slug", "agent__account", "agent__instrument", "bar_close_at", "target", "outcome",
    "outcome_text", "created_at", "reference_price", "version__name", "version__number",
)  # fmt: skip


def agent_bodies(slugs: Collection[str] | None = None) -> list[Body]:
    """Return these agents, or all that are not retired, in a fixed number of reads."""
    return [_agent(card) for card in scorecard.cards() if slugs is None or card.slug in slugs]


def agent_body(slug: str) -> Body:
    """Return one agent as lists show it. Raise UnknownAgent."""
    return _agent(scorecard.card(slug))


def detail_body(slug: str, *, rights: Iterable[str]) -> Body:
    """Return one agent with its versions, trainings and its version's evaluation. Raise UnknownAgent."""
    card = scorecard.card(slug)
    judged = scorecard.evaluation(card.version_id) if card.version_id else None
    return _agent(card) | {
        "versions": [version_of(view) for view in scorecard.versions(slug)],
        "evaluation": evaluation_of(judged) if judged else None,
        "runs": [run_of(view) for view in scorecard.runs(agent=slug, limit=20)],
        "rights": list(rights),
    }


def _agent(card: AgentCard) -> Body:
    return {
        "slug": card.slug,
        "name": card.name,
        "account": card.account,
        "instrument": card.instrument,
        "timeframe": card.timeframe,
        "kind": card.kind,
        "stage": card.stage,
        "state": card.state,
        "state_reason": card.state_reason,
        "version": card.version,
        "version_id": card.version_id,
        "trained_at": instant(card.trained_at),
        "position": amount(card.position),
        "day_profit": amount(card.day_profit),
        "orders_today": card.orders_today,
        "last_signal_at": instant(card.last_signal_at),
        "training": run_of(card.training) if card.training else None,
        "evaluation": None
        if card.evaluation is None
        else {
            name: {"net_return": against.net_return, "sharpe": against.sharpe}
            for name, against in card.evaluation.items()
        },
        "note": card.note,
    }


def run_body(run_id: int) -> Body:
    """Return one training. Raise UnknownRun."""
    return run_of(scorecard.run_view(run_id))


def run_bodies(run_ids: Sequence[int]) -> list[Body]:
    """Return these trainings, in the order of the ids, in one read."""
    rows = TrainingRun.objects.select_related("agent", "version").in_bulk(run_ids)
    return [run_of(view_of(rows[run_id])) for run_id in run_ids if run_id in rows]


def run_of(view: RunView) -> Body:
    progress = view.progress
    return {
        "id": view.id,
        "agent": view.agent,
        "status": view.status,
        "progress": {
            "stage": progress.stage,
            "seed_index": progress.seed_index,
            "seeds": progress.seeds,
            "step": progress.step,
            "steps": progress.steps,
            "curve": [[list(point) for point in points] for points in progress.curve],
            "left_s": progress.left_s,
        },
        "config": dict(view.config),
        "train_from": instant(view.train_from),
        "train_to": instant(view.train_to),
        "eval_from": instant(view.eval_from),
        "eval_to": instant(view.eval_to),
        "requested_by": view.requested_by,
        "cancel_requested": view.cancel_requested,
        "created_at": instant(view.created_at),
        "started_at": instant(view.started_at),
        "finished_at": instant(view.finished_at),
        "error": view.error,
        "version": view.version,
        "version_name": view.version_name,
        "deploy": view.deploy,
        "note": view.note,
        "restart_of": view.restart_of,
    }


def version_of(view: VersionView) -> Body:
    return {
        "id": view.id,
        "name": view.name,
        "number": view.number,
        "kind": view.kind,
        "hash": view.hash,
        "created_at": instant(view.created_at),
        "active": view.active,
        "summary": dict(view.summary),
        "tear_sheet_url": f"/api/v1/versions/{view.id}/tearsheet/" if view.has_tear_sheet else None,
    }


def evaluation_of(view: EvaluationView) -> Body:
    return {
        "version": view.version_id,
        "version_name": view.version,
        "eval_from": instant(view.eval_from),
        "eval_to": instant(view.eval_to),
        "cost_version": view.cost_version,
        "spread_label": view.spread_label,
        "rows": [_fields(score) for score in view.rows],
        "equity": {name: [list(point) for point in points] for name, points in view.equity.items()},
        "drawdown": {name: [list(point) for point in points] for name, points in view.drawdown.items()},
        "members": [_fields(member) for member in view.members],
        "note": view.note,
        "created_at": instant(view.created_at),
    }


def _fields(value: Any) -> Body:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def signal_rows() -> QuerySet[Signal, dict[str, Any]]:
    """Return all signals as the rows that `signals_of` reads, newest first."""
    rows: QuerySet[Signal, dict[str, Any]] = Signal.objects.order_by("-id").values(*SIGNAL_COLUMNS)
    return rows


def signals_of(rows: Collection[Row]) -> list[Body]:
    """Return the bodies of signals, with the orders that each led to, in one more read."""
    intents = {(row["agent__account"], _source(row), _key(row)) for row in rows}
    orders = books.order_ids_of(intents)
    return [_signal(row, orders.get((row["agent__account"], _source(row), _key(row)), [])) for row in rows]


def signal_bodies(agent: str, *, limit: int = 50) -> list[Body]:
    """Return an agent's newest signals."""
    return signals_of(list(signal_rows().filter(agent__slug=agent)[:limit]))


def _signal(row: Row, orders: list[str]) -> Body:
    return {
        "id": row["id"],
        "agent": row["agent__slug"],
        "instrument": row["agent__instrument"],
        "bar_close_at": instant(row["bar_close_at"]),
        "target": row["target"],
        "outcome": row["outcome"],
        "outcome_text": row["outcome_text"],
        "orders": orders,
        "created_at": instant(row["created_at"]),
        "reference_price": amount(row["reference_price"]),
        "version": f"{row['version__name']} v{row['version__number']}",
    }


def _source(row: Row) -> str:
    return f"agent:{row['agent__slug']}"


def _key(row: Row) -> str:
    return Signal(bar_close_at=row["bar_close_at"]).key
