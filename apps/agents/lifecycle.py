"""Makes, deploys, pauses and resumes agents, and keeps count of their faults."""

import logging
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from apps.agents import policies
from apps.agents.errors import NotAllowed, UnknownAgent, UnknownRun
from apps.agents.models import Agent, AgentEvent, PolicyVersion
from apps.broadcast import bell
from apps.edges import grants, rights
from apps.marketdata import instruments
from apps.marketdata.domain.bar import Timeframe
from apps.risk import alerts

log = logging.getLogger(__name__)

FAULTS_BEFORE_PAUSE = 3
FEATURE_SET = "core-1"

# The baselines that every desk starts with: name, rule, parameters.
BASELINES: tuple[tuple[str, str, dict[str, float]], ...] = (
    ("flat", "flat", {}),
    ("buy-and-hold", "buy-and-hold", {}),
    ("ma-cross", "ma-cross", {"band": 0.25}),
    ("breakout", "breakout", {"edge": 0.03}),
)


def seed_agents(*, account: str, instruments: Iterable[str], timeframe: str, max_lots: Decimal) -> int:
    """Make the baseline policies and one agent of each per instrument; return how many are new."""
    versions = {
        name: policies.publish(name=name, rule=rule, parameters=parameters, feature_set=FEATURE_SET)
        for name, rule, parameters in BASELINES
    }
    made = 0
    for instrument in instruments:
        for version in versions.values():
            made += _seed(version, account=account, instrument=instrument, timeframe=timeframe, lots=max_lots)
    return made


def _seed(version: PolicyVersion, *, account: str, instrument: str, timeframe: str, lots: Decimal) -> int:
    _, created = Agent.objects.get_or_create(
        slug=f"{instrument.lower()}-{version.name}",
        defaults={
            "name": f"{instrument} {version.name}",
            "account": account,
            "instrument": instrument,
            "timeframe": timeframe,
            "version": version,
            "max_lots": lots,
        },
    )
    return int(created)


def make_agent(
    *,
    slug: str,
    account: str,
    instrument: str,
    timeframe: str,
    max_lots: Decimal,
    by: str,
    name: str = "",
    note: str = "",
) -> bool:
    """Make an agent that is to learn: in stage research, without a policy. Return False when it is there.

    Raise UnknownInstrument, and NotAllowed for lots or a timeframe that cannot be, or where the name is taken
    by an agent of another instrument.
    """
    instruments.spec(instrument)
    if timeframe not in set(Timeframe):
        raise NotAllowed(f"there is no timeframe {timeframe}: there are {', '.join(Timeframe)}")
    if max_lots <= 0:
        raise NotAllowed(f"an agent needs lots to trade, not {max_lots}")
    with transaction.atomic():
        agent, made = Agent.objects.get_or_create(
            slug=slug,
            defaults={
                "name": name or slug,
                "account": account,
                "instrument": instrument,
                "timeframe": timeframe,
                "max_lots": max_lots,
                "stage": "research",
                "note": note[:500],
            },
        )
        if made:
            _keep(agent, kind="made", by=by, reason=note or "to be trained")
            grants.seed(rights.AGENT, [slug])
            bell.after_commit("agents", slug)
    if agent.instrument != instrument:
        raise NotAllowed(f"{slug} trades {agent.instrument} already")
    return made


def annotate(*, slug: str, note: str) -> None:
    """Change what a reader of an agent's page should know. Raise UnknownAgent."""
    if not Agent.objects.filter(slug=slug).update(note=note[:500]):
        raise UnknownAgent(f"there is no agent {slug}")
    bell.after_commit("agents", slug)


def deploy(*, slug: str, version_id: int, reason: str, by: str) -> None:
    """Let an agent decide by another version from its next closed bar on; one in research goes to paper.

    Raise UnknownAgent, UnknownRun for an unknown version, PolicyChanged when the version's file is not what
    its hash says, and NotAllowed without a reason or for a version that is not this agent's.
    """
    _needs(reason)
    version = PolicyVersion.objects.filter(pk=version_id).first()
    if version is None:
        raise UnknownRun(f"there is no version {version_id}")
    policies.load(version)
    with transaction.atomic():
        agent = Agent.objects.select_for_update().filter(slug=slug).first()
        if agent is None:
            raise UnknownAgent(f"there is no agent {slug}")
        _may_follow(agent, version)
        old, agent.version = agent.version_id, version
        if agent.stage == "research":
            agent.stage = "paper"
        agent.faults_in_a_row = 0
        agent.save(update_fields=("version", "stage", "faults_in_a_row"))
        _keep(agent, kind="deployed", by=by, reason=reason, old=old, new=version.pk)
        bell.after_commit("agents", slug)
    log.info("agent %s decides by %s from now on: %s (%s)", slug, version, reason, by)


def _may_follow(agent: Agent, version: PolicyVersion) -> None:
    if agent.stage == "retired":
        raise NotAllowed(f"{agent.slug} is retired")
    if agent.version_id == version.pk:
        raise NotAllowed(f"{agent.slug} decides by {version} already")
    if version.kind == "learned" and version.name != agent.slug:
        raise NotAllowed(f"{version} was trained for {version.name}, not for {agent.slug}")


def pause(*, slug: str, reason: str, by: str) -> None:
    """Stop an agent from deciding; its position stays. Raise NotAllowed when it is not active."""
    _switch(slug, old="active", new="paused", reason=reason, by=by)


def resume(*, slug: str, reason: str, by: str) -> None:
    """Let a paused agent decide again. Raise NotAllowed when it is not paused."""
    _switch(slug, old="paused", new="active", reason=reason, by=by)


def _switch(slug: str, *, old: str, new: str, reason: str, by: str) -> None:
    _needs(reason)
    with transaction.atomic():
        changed = Agent.objects.filter(slug=slug, state=old).update(
            state=new, state_reason=f"{by}: {reason}"[:500], faults_in_a_row=0
        )
        if changed:
            kind = "paused" if new == "paused" else "resumed"
            _keep(Agent.objects.get(slug=slug), kind=kind, by=by, reason=reason)
            bell.after_commit("agents", slug)
    if changed:
        log.info("agent %s is %s: %s (%s)", slug, new, reason, by)
    elif Agent.objects.filter(slug=slug).exists():
        raise NotAllowed(f"{slug} is not {old}")
    else:
        raise UnknownAgent(f"there is no agent {slug}")


def _needs(reason: str) -> None:
    if not reason.strip():
        raise NotAllowed("a reason is needed")


def _keep(
    agent: Agent, *, kind: str, by: str, reason: str, old: int | None = None, new: int | None = None
) -> None:
    AgentEvent.objects.create(
        agent=agent, kind=kind, by=by[:80], reason=reason[:500], old_version_id=old, new_version_id=new
    )


def count_fault(agent: Agent, text: str, *, at_once: bool = False) -> None:
    """Count a policy's failure; after three in a row, or at once for a changed policy, pause the agent."""
    Agent.objects.filter(pk=agent.pk).update(faults_in_a_row=F("faults_in_a_row") + 1)
    agent.refresh_from_db(fields=("faults_in_a_row", "state"))
    log.warning("agent %s gave nothing usable (%s in a row): %s", agent.slug, agent.faults_in_a_row, text)
    alerts.raise_alert(
        level="warning",
        rule="policy_fault",
        scope=f"agent:{agent.slug}",
        text=f"{agent.slug}: {text}",
        key=f"policy:{agent.slug}",
    )
    if agent.state == "active" and (at_once or agent.faults_in_a_row >= FAULTS_BEFORE_PAUSE):
        pause(slug=agent.slug, reason=f"{agent.faults_in_a_row} faults in a row, the last: {text}", by="desk")


def clear_faults(agent: Agent) -> None:
    if agent.faults_in_a_row:
        Agent.objects.filter(pk=agent.pk).update(faults_in_a_row=0)


def mark_seen(agents: Iterable[Agent], *, bar_close_at: datetime) -> None:
    """Keep that these agents have decided on a bar. It never moves back."""
    ids = [agent.pk for agent in agents]
    Agent.objects.filter(pk__in=ids).exclude(last_bar_close_at__gte=bar_close_at).update(
        last_bar_close_at=bar_close_at
    )
