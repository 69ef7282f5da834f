"""How commands print trainings, evaluations and agents: tables for people, one object for programs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from apps.agents.scorecard import AgentCard, EvaluationView, RunView

_RUN = (
    "id", "agent", "status", "config", "requested_by", "created_at", "started_at", "finished_at", "error",
    "version", "version_name", "deploy", "train_from", "train_to", "eval_from", "eval_to", "data_hash",
)  # fmt: skip
_COLUMNS = ("", "net return", "sharpe", "max drawdown", "trades", "turnover", "costs", "in market")


def comparison(found: EvaluationView) -> str:
    """Return the table of an evaluation, what its seeds did by themselves, and what it cannot decide."""
    rows = [
        (
            score.name,
            share(score.net_return) + _range(score.low, score.high),
            number(score.sharpe),
            share(score.max_drawdown),
            f"{score.trades:,.0f}",
            f"{score.turnover:,.1f}",
            f"{score.costs:,.2f}",
            share(score.exposure),
        )
        for score in found.rows
    ]
    seeds = ", ".join(f"seed {member.seed} {share(member.net_return)}" for member in found.members)
    heading = (
        f"{found.version}, {found.eval_from:%Y-%m-%d %H:%M} to {found.eval_to:%Y-%m-%d %H:%M} UTC,"
        f" after all costs ({found.cost_version}, spreads {found.spread_label})"
    )
    return "\n".join((heading, table(_COLUMNS, rows), f"by seed: {seeds}", found.note)).rstrip()


def agents(cards: Sequence[AgentCard]) -> str:
    """Return the table of agents: what each is, and how it compares with every baseline."""
    baselines = list(
        dict.fromkeys(name for card in cards for name in card.evaluation or () if name != "agent")
    )
    headers = ("agent", "instrument", "kind", "stage", "state", "version", "trained at", "orders today",
               "own return", *(f"vs {name}" for name in baselines))  # fmt: skip
    return table(headers, [_agent(card, baselines) for card in cards])


def _agent(card: AgentCard, baselines: Sequence[str]) -> tuple[str, ...]:
    scores = card.evaluation or {}
    own = scores.get("agent")
    against = (
        points(own.net_return - scores[name].net_return) if own and name in scores else "-"
        for name in baselines
    )
    return (
        card.slug,
        card.instrument,
        card.kind,
        card.stage,
        _state(card),
        card.version or "-",
        f"{card.trained_at:%Y-%m-%d %H:%M}" if card.trained_at else "-",
        str(card.orders_today),
        share(own.net_return) if own else "-",
        *against,
    )


def _state(card: AgentCard) -> str:
    training = card.training
    if training and training.status in {"queued", "running"}:
        return (
            f"{training.status} {training.progress.share:.0%}" if training.status == "running" else "queued"
        )
    return card.state if card.version else "not trained"


def card_as_json(card: AgentCard) -> dict[str, Any]:
    return {
        "agent": card.slug,
        "instrument": card.instrument,
        "timeframe": card.timeframe,
        "kind": card.kind,
        "stage": card.stage,
        "state": card.state,
        "version": card.version or None,
        "trained_at": card.trained_at,
        "evaluation": {name: asdict(score) for name, score in card.evaluation.items()}
        if card.evaluation
        else None,
        "orders_today": card.orders_today,
        "position": card.position,
        "training": run_as_json(card.training) if card.training else None,
        "note": card.note,
    }


def run_as_json(run: RunView) -> dict[str, Any]:
    return {name: getattr(run, name) for name in _RUN}


def evaluation_as_json(found: EvaluationView) -> dict[str, Any]:
    return {
        "version": found.version,
        "eval_from": found.eval_from,
        "eval_to": found.eval_to,
        "cost_version": found.cost_version,
        "spread_label": found.spread_label,
        "rows": [asdict(row) for row in found.rows],
        "members": [asdict(row) for row in found.members],
        "note": found.note,
    }


def plain(value: object) -> str:
    """Write for JSON what it has no word for."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return columns that line up: the first to the left, figures to the right."""
    lines = [tuple(headers), *(tuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headers))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def share(value: float | None) -> str:
    return "-" if value is None else f"{value * 100:+.2f} %"


def points(value: float) -> str:
    """Return a difference of two returns in percentage points."""
    return f"{value * 100:+.2f} pp"


def number(value: float | None) -> str:
    return "-" if value is None else f"{value:+.2f}"


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" ({share(low)} .. {share(high)})"


def progress_line(run: RunView, *, width: int = 24) -> str:
    """Return one line that says how far a training is."""
    now: Mapping[str, Any] = run.config
    done = run.progress
    filled = int(done.share * width)
    bar = "#" * filled + "." * (width - filled)
    last = done.curve[-1][-1][1] if done.curve and done.curve[-1] else None
    reward = "" if last is None else f"  reward {last:+.4f}"
    left = "" if done.left_s is None else f"  {done.left_s:.0f} s left"
    seed = min(done.seed_index + 1, done.seeds) if done.seeds else now.get("seeds", 0)
    return (
        f"{run.agent}  {done.stage or run.status}  [{bar}] {done.share:4.0%}  seed {seed}/{done.seeds}"
        f"  step {done.step:,}/{done.steps:,}{reward}{left}"
    )
