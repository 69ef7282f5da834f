"""What rings no bell and is looked at instead, once a process for everybody who listens."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from apps.agents.api import bodies as desk_agents
from apps.broadcast.feed import Bodies
from apps.broadcast.hub import Poll
from apps.brokers.api import bodies as brokers
from apps.marketdata import history, quotes
from apps.marketdata.api import bodies as marketdata
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.domain.quote import Quote
from apps.portfolio.api import bodies as portfolio
from mtquant_site.sockets.sources import WHOLE, items

Found = Mapping[str, Bodies]
QUOTES_EVERY_S = 0.1
BARS_EVERY_S = 0.3
VALUES_EVERY_S = 1.0
AGENTS_EVERY_S = 3.0
CONNECTIONS_EVERY_S = 5.0
AGES_EVERY_S = 1.0
CLOCK_TOLD_EVERY_S = 10.0
MOST_BARS = 50


def polls() -> Sequence[Poll]:
    """Return the polls of one hub; some remember what they saw last."""
    return (
        Poll(kind="quotes", every_s=QUOTES_EVERY_S, look=Quotes().look),
        Poll(kind="bars", every_s=BARS_EVERY_S, look=Bars().look),
        Poll(kind="system", every_s=VALUES_EVERY_S, look=Clock().look),
        Poll(kind="positions", every_s=VALUES_EVERY_S, look=positions),
        Poll(kind="agents", every_s=AGENTS_EVERY_S, look=agents),
        Poll(kind="brokers", every_s=CONNECTIONS_EVERY_S, look=connections),
    )


def positions(names: Sequence[str]) -> Found:
    """Mark what accounts hold at the prices of now."""
    return {name: {WHOLE: items(portfolio.position_bodies(_word(name)))} for name in names}


def agents(names: Sequence[str]) -> Found:
    """Read what agents hold and earn, and how far their trainings are."""
    bodies = {str(body["slug"]): body for body in desk_agents.agent_bodies()}
    return dict.fromkeys(names, bodies)


def connections(names: Sequence[str]) -> Found:
    """Read latencies, which ring no bell."""
    bodies = {str(body["slug"]): body for body in brokers.connection_bodies()}
    return dict.fromkeys(names, bodies)


class Quotes:
    """One round trip to Valkey tells which quotes are new; only those become bodies.

    Once a second the others are looked at too, since a quote turns stale without a change.
    """

    def __init__(self) -> None:
        self._seen: dict[str, Quote] = {}
        self._told: dict[str, dict[str, Any]] = {}
        self._aged_at = 0.0

    def look(self, names: Sequence[str]) -> Found:
        wanted = [_word(name) for name in names]
        held = quotes.latest(wanted)
        changed = {name for name, quote in held.items() if self._seen.get(name) != quote}
        self._seen = held
        if time.monotonic() - self._aged_at > AGES_EVERY_S:
            self._aged_at = time.monotonic()
            changed = set(wanted)
        bodies = marketdata.quote_bodies(changed) if changed else []
        return {f"quotes:{body['instrument']}": {WHOLE: body} for body in bodies if self._is_news(body)}

    def _is_news(self, body: dict[str, Any]) -> bool:
        """Tell whether more has changed than the age."""
        name, lasting = body["instrument"], body | {"age_s": None}
        if self._told.get(name) == lasting:
            return False
        self._told[name] = lasting
        return True


class Bars:
    """The marks of a timeframe tell in one round trip where bars have closed; only those are read."""

    def __init__(self) -> None:
        self._closed_at: dict[str, datetime] = {}

    def look(self, names: Sequence[str]) -> Found:
        found: dict[str, Bodies] = {}
        told = dict(self._closed_at)
        for timeframe in Timeframe:
            mine = [name for name in names if name.rpartition(":")[2] == timeframe.value]
            closed = history.closed_through(timeframe) if mine else {}
            for name in mine:
                instrument = name.split(":")[1]
                if instrument in closed and self._closed_at.get(name) != closed[instrument]:
                    new = self._count(name, closed[instrument], timeframe.length)
                    rows = marketdata.bars_body(instrument, timeframe, limit=new)["bars"]
                    told[name] = closed[instrument]
                    found[name] = {str(row[0]): row for row in rows}
        self._closed_at = told  # not before all are read: what was not returned was not told
        return found

    def _count(self, name: str, closed_at: datetime, length: timedelta) -> int:
        """Return how many bars may have closed since the last look; before the first one, the newest."""
        last = self._closed_at.get(name)
        return 1 if last is None else max(1, min(MOST_BARS, (closed_at - last) // length))


class Clock:
    """Tells at once when the clock runs otherwise than a reader would think, and of the time now and then."""

    def __init__(self) -> None:
        self._told: tuple[Any, ...] = ()
        self._told_at = 0.0

    def look(self, names: Sequence[str]) -> Found:
        body = marketdata.clock_body()
        running = tuple(body[key] for key in ("speed", "market", "ended", "epoch"))
        if running == self._told and time.monotonic() - self._told_at < CLOCK_TOLD_EVERY_S:
            return {}
        self._told, self._told_at = running, time.monotonic()
        return {name: {WHOLE: body} for name in names}


def _word(name: str) -> str:
    return name.partition(":")[2]
