"""Fetches agents that are due, and keeps what they wanted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import F, Q

from apps.agents.domain.observation import Observation
from apps.agents.domain.signal import Decision, Leg
from apps.agents.models import Agent, Signal
from apps.broadcast import bell
from apps.portfolio.domain.order import Side
from apps.risk.domain.verdict import Approved, Verdict

ESCALATED = "intent:"  # how the text of such a denial begins: the name of what denied


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentView:
    """One agent for pages and commands; times of bars are desk time."""

    slug: str
    name: str
    account: str
    instrument: str
    timeframe: str
    policy: str
    kind: str
    stage: str
    state: str
    state_reason: str
    last_bar_close_at: datetime | None
    last_signal_at: datetime | None


# The advisory lock of the tick; any number that no other lock of the desk uses.
TICK_LOCK = 7_311_042


@contextmanager
def only_one_tick() -> Iterator[bool]:
    """Give True to one tick at a time, over all workers; a worker that dies lets go of it.

    So does one whose connection is given up in the middle, by the deadline of a permit: another tick may then
    begin beside it, which stored signals and known intents make harmless.
    """
    mine = _lock_tick("select pg_try_advisory_lock(%s)")
    held_on = connection.connection
    try:
        yield mine
    finally:
        if mine and connection.connection is held_on and not held_on.closed:
            _lock_tick("select pg_advisory_unlock(%s)")


def _lock_tick(call: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(call, [TICK_LOCK])
        (done,) = cursor.fetchone()
    return bool(done)


def due(*, timeframe: str, closed_through: Mapping[str, datetime]) -> list[Agent]:
    """Return active agents whose instrument has a closed bar that they have not decided on."""
    agents = Agent.objects.filter(state="active", stage="paper", timeframe=timeframe).select_related(
        "version"
    )
    return [
        agent
        for agent in agents
        if (closed := closed_through.get(agent.instrument))
        and (agent.last_bar_close_at is None or agent.last_bar_close_at < closed)
    ]


def timeframes() -> list[str]:
    """Return the timeframes on which active agents decide."""
    # Without an order of its own the model's ordering joins the columns, and each agent is its own timeframe.
    rows = Agent.objects.filter(state="active", stage="paper").order_by("timeframe")
    return list(rows.values_list("timeframe", flat=True).distinct())


def unfinished(agents: Iterable[Agent]) -> list[Signal]:
    """Return signals that were recorded but led nowhere yet: a worker died, or the account was busy."""
    # Whoever left one open has not seen its bar: so the search has an end, however many signals there are.
    unseen = Q(agent__last_bar_close_at=None) | Q(bar_close_at__gt=F("agent__last_bar_close_at"))
    return list(
        Signal.objects.filter(unseen, agent__in=list(agents), outcome="open")
        .select_related("agent", "agent__version", "version")
        .order_by("id")
    )


def record(
    agent: Agent,
    decision: Decision,
    *,
    observation: Observation,
    bar_close_at: datetime,
    reference_price: Decimal,
    stop_distance: Decimal,
    announced_at: datetime | None,
) -> Signal:
    """Store a decision once per agent and bar; a redelivered tick gets the stored one."""
    signal, created = Signal.objects.get_or_create(
        agent=agent,
        bar_close_at=bar_close_at,
        defaults={
            "version": agent.policy,
            "target": decision.target,
            "legs": [
                {
                    "number": leg.number,
                    "side": leg.side.value,
                    "quantity": str(leg.quantity),
                    "reduce_only": leg.reduce_only,
                }
                for leg in decision.legs
            ],
            "observation": dict(zip(observation.columns, map(float, observation.values), strict=True)),
            "observation_hash": observation.digest,
            "reference_price": reference_price,
            "stop_distance": stop_distance,
            "announced_at": announced_at,
        },
    )
    if created:
        _ring(signal)
    return signal


def legs_of(signal: Signal) -> tuple[Leg, ...]:
    return tuple(
        Leg(
            number=leg["number"],
            side=Side(leg["side"]),
            quantity=Decimal(leg["quantity"]),
            reduce_only=leg["reduce_only"],
        )
        for leg in signal.legs
    )


def close(signal: Signal, verdicts: Sequence[Verdict]) -> None:
    """Keep how risk answered the legs of a signal."""
    denied = [
        reason for verdict in verdicts if not isinstance(verdict, Approved) for reason in verdict.reasons
    ]
    outcome = "denied" if denied else "approved"
    text = "; ".join(f"{reason.check}: {reason.text}" for reason in denied)[:500]
    _end(signal, outcome=outcome, text=text)


def drop(signal: Signal, *, outcome: str, text: str) -> None:
    """Close a signal that will not trade, with the reason."""
    _end(signal, outcome=outcome, text=text[:500])


def _end(signal: Signal, *, outcome: str, text: str) -> None:
    if Signal.objects.filter(pk=signal.pk, outcome="open").update(outcome=outcome, outcome_text=text):
        _ring(signal)


def _ring(signal: Signal) -> None:
    bell.after_commit("signals", str(signal.pk), scope=signal.agent.slug)


def last_denied(agents: Iterable[Agent]) -> dict[int, Signal]:
    """Return each agent's newest signal where that one was denied, by agent id."""
    newest = Signal.objects.filter(agent__in=list(agents)).order_by("agent_id", "-id").distinct("agent_id")
    return {signal.agent_id: signal for signal in newest if signal.outcome == "denied"}


def was_escalated(denied: Signal) -> bool:
    """Tell whether a close was denied since it would add to its account, which has no room for it."""
    return denied.outcome_text.startswith(ESCALATED)


def remember(recorded: Iterable[Signal]) -> None:
    """Keep on each agent when it last wanted something: pages then need not search the signals."""
    by_bar: dict[datetime, list[int]] = defaultdict(list)
    for signal in recorded:
        by_bar[signal.bar_close_at].append(signal.agent_id)
    for bar_close_at, agents in by_bar.items():
        Agent.objects.filter(pk__in=agents).update(last_signal_at=bar_close_at)


def overview() -> list[AgentView]:
    """Return every agent as pages show it."""
    return [
        AgentView(
            slug=agent.slug,
            name=agent.name,
            account=agent.account,
            instrument=agent.instrument,
            timeframe=agent.timeframe,
            policy=str(agent.version) if agent.version else "none yet",
            kind=agent.version.kind if agent.version else "learned",
            stage=agent.stage,
            state=agent.state,
            state_reason=agent.state_reason,
            last_bar_close_at=agent.last_bar_close_at,
            last_signal_at=agent.last_signal_at,
        )
        for agent in Agent.objects.exclude(stage="retired").select_related("version")
    ]
