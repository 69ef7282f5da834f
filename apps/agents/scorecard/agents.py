"""Agents as lists and pages show them: a fixed number of reads, however many agents there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from apps.agents.errors import UnknownAgent
from apps.agents.models import Agent, Evaluation, TrainingRun
from apps.agents.scorecard import results
from apps.agents.scorecard.trainings import view_of
from apps.agents.scorecard.views import Against, AgentCard
from apps.marketdata import clock
from apps.portfolio import overview as holdings
from apps.portfolio.overview import OrderCount


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What is fetched once for all agents, by agent, version or source."""

    trainings: Mapping[int, TrainingRun]
    judged: Mapping[int, Evaluation]
    positions: Mapping[tuple[str, str], Decimal]
    orders: Mapping[str, OrderCount]
    booked: Mapping[str, Decimal]


def cards() -> list[AgentCard]:
    """Return every agent that is not retired, by instrument and slug."""
    return _cards(Agent.objects.exclude(stage="retired"))


def card(slug: str) -> AgentCard:
    """Return one agent. Raise UnknownAgent."""
    found = _cards(Agent.objects.filter(slug=slug))
    if not found:
        raise UnknownAgent(f"there is no agent {slug}")
    return found[0]


def _cards(rows: QuerySet[Agent]) -> list[AgentCard]:
    agents = list(rows.select_related("version"))
    since = clock.day_began_at()
    last = TrainingRun.objects.filter(agent__in=agents).select_related("agent", "version")
    around = _Around(
        trainings={run.agent_id: run for run in last.order_by("agent_id", "-id").distinct("agent_id")},
        judged=results.newest(agent.version_id for agent in agents if agent.version_id),
        positions=holdings.positions(),
        orders=holdings.orders_by_source(since=since),
        booked=holdings.booked_by_source(since=since),
    )
    return [_card(agent, around) for agent in agents]


def _card(agent: Agent, around: _Around) -> AgentCard:
    version = agent.version
    learned = version is None or version.kind == "learned"
    training = around.trainings.get(agent.pk)
    orders = around.orders.get(agent.source)
    judged = around.judged.get(agent.version_id) if agent.version_id else None
    return AgentCard(
        id=agent.pk,
        slug=agent.slug,
        name=agent.name,
        account=agent.account,
        instrument=agent.instrument,
        timeframe=agent.timeframe,
        kind="learned" if learned else "rule",
        stage=agent.stage,
        state=agent.state,
        state_reason=agent.state_reason,
        version=str(version) if version else "",
        version_id=agent.version_id,
        trained_at=version.created_at if version and learned else None,
        position=around.positions.get((agent.source, agent.instrument), Decimal(0)),
        day_profit=around.booked.get(agent.source, Decimal(0)),
        orders_today=orders.total if orders else 0,
        last_bar_close_at=agent.last_bar_close_at,
        last_signal_at=agent.last_signal_at,
        training=view_of(training) if training else None,
        evaluation=_against(judged) if judged else None,
        note=_note(agent, training),
    )


def _note(agent: Agent, last: TrainingRun | None) -> str:
    """Return what a reader of its page should know; of a demonstration that stopped also what to do."""
    if last is None or last.requested_by != TrainingRun.DESK or last.status not in {"failed", "interrupted"}:
        return agent.note
    how = "failed" if last.status == "failed" else "was interrupted"
    why = f" ({last.error.rstrip('.')})" if last.error else ""
    said = f"Its training {last.pk} {how}{why}. The next ./mtquant up tries again, or Train on this page."
    return f"{agent.note}. {said}" if agent.note else said


def _against(judged: Evaluation) -> dict[str, Against]:
    return {
        score.name: Against(net_return=score.net_return, sharpe=score.sharpe)
        for score in results.scores(judged.rows)
    }
