"""What the home page shows, fetched through the shelves of the five apps.

No queue, no venue, no time-series store is asked: the page must stand when they do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.agents import signals
from apps.agents.signals import AgentView
from apps.brokers import overview as venues
from apps.brokers.overview import ConnectionGlance
from apps.edges import rights
from apps.marketdata import clock
from apps.portfolio import overview as holdings
from apps.portfolio.overview import AccountGlance, OrderCount, OrderLine
from apps.risk import overview as risk
from apps.risk.alerts import AlertView
from apps.risk.overview import BreakerGlance
from deploy.desk import states
from mtquant_site import picture
from mtquant_site.picture import Curve, Depth

# A snapshot is made every ten seconds: three missed ones are worth a word.
SNAPSHOT_STALE_AFTER_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPanel:
    account: AccountGlance
    breaker: BreakerGlance | None
    curve: Curve | None
    depth: Depth | None
    since: datetime | None
    stale_s: int | None

    @property
    def change(self) -> Decimal | None:
        """Return equity against the high-water mark."""
        if self.breaker is None or self.account.equity is None or self.breaker.base is None:
            return None
        return self.account.equity - self.breaker.base


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRow:
    agent: AgentView
    position: Decimal
    orders: OrderCount
    breaker: BreakerGlance | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessRow:
    name: str
    state: str
    since: str
    restarts: int
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at the whole desk. `at` is wall time."""

    at: datetime
    accounts: Sequence[AccountPanel]
    breakers: Sequence[BreakerGlance]
    agents: Sequence[AgentRow]
    connections: Sequence[ConnectionGlance]
    processes: Sequence[ProcessRow]
    alerts: Sequence[AlertView]
    orders: Sequence[OrderLine]


def look(user: Any) -> Look:
    """Fetch everything the home page shows of what the user may see. A fresh desk gives an empty look."""
    now = timezone.now()
    accounts, agents, scopes = (
        rights.visible(user, rights.ACCOUNT),
        rights.visible(user, rights.AGENT),
        rights.scopes(user),
    )
    levels = {breaker.scope: breaker for breaker in risk.breakers() if breaker.scope in scopes}
    return Look(
        at=now,
        accounts=[
            _account(glance, levels, now=now) for glance in holdings.accounts() if glance.slug in accounts
        ],
        breakers=list(levels.values()),
        agents=_agents(levels, seen=agents),
        connections=[found for found in venues.connections() if found.account in accounts],
        processes=_processes(),
        alerts=risk.open_alerts(scopes),
        orders=holdings.recent_orders(accounts=accounts, limit=9),
    )


def _account(glance: AccountGlance, levels: dict[str, BreakerGlance], *, now: datetime) -> AccountPanel:
    points = holdings.equity_curve(account=glance.slug)
    means = [point.mean for point in points]
    lows = [point.low for point in points]
    highs = [point.high for point in points]
    age_s = (now - glance.valued_at).total_seconds() if glance.valued_at else None
    return AccountPanel(
        account=glance,
        breaker=levels.get(f"account:{glance.slug}"),
        curve=picture.curve(means=means, lows=lows, highs=highs),
        depth=picture.depth(lows=lows, highs=highs),
        since=points[0].at if points else None,
        stale_s=int(age_s) if age_s is not None and age_s > SNAPSHOT_STALE_AFTER_S else None,
    )


def _agents(levels: dict[str, BreakerGlance], *, seen: set[str]) -> list[AgentRow]:
    positions = holdings.positions()
    counts = holdings.orders_by_source(since=clock.day_began_at())
    nothing = OrderCount(total=0, filled=0, denied=0, open=0)
    return [
        AgentRow(
            agent=agent,
            position=positions.get((source, agent.instrument), Decimal(0)),
            orders=counts.get(source, nothing),
            breaker=levels.get(source),
        )
        for agent in sorted(signals.overview(), key=lambda agent: (agent.instrument, agent.slug))
        if agent.slug in seen
        for source in (f"agent:{agent.slug}",)
    ]


def _processes() -> list[ProcessRow]:
    """Read what the supervisor wrote; a process that is gone without a word is shown as dead."""
    return [
        ProcessRow(
            name=state.name,
            state=state.state if state.state != "up" or states.lives(state) else "dead",
            since=state.since,
            restarts=state.restarts,
            address=state.address,
        )
        for state in states.read_all(settings.MTQ_VAR / "run")
    ]
