"""The table of channels: what each is called, who may listen, and where its content comes from.

Content is the REST body of the object, from the function that REST itself uses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.agents.api.reads import visible_run
from apps.broadcast.feed import Source
from apps.edges import access, rights
from apps.edges.problems import Problem
from apps.marketdata import instruments
from apps.marketdata.domain.bar import Timeframe
from mtquant_site.sockets import sources

MOST_DIGITS = 18
Check = Callable[[Any, Sequence[str]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`words` follow the name, after colons. `need` raises Problem; `only` limits what the listener sees.

    `own` returns more arguments for `source`, where the content itself differs between listeners.
    """

    words: int
    need: Check
    source: Callable[..., Source]
    own: Callable[[Any, Sequence[str]], Sequence[str]] = lambda _user, _words: ()
    only: Callable[[Any], frozenset[str] | None] = lambda _user: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What one user gets of one channel."""

    source: Source
    only: frozenset[str] | None
    variant: str = ""


def admit(user: Any, channel: str) -> Admission:
    """Return what a user may hear. Raises Problem: not-found for what is hidden from them, forbidden else."""
    name, *words = channel.split(":")
    kind = KINDS.get(name)
    if kind is None or len(words) != kind.words or not all(words):
        raise Problem("not-found", f"There is no channel {channel[:80]!r}.")
    if not rights.roles_of(user):
        raise Problem("forbidden", "You hold no role on this desk.")
    kind.need(user, words)
    own = kind.own(user, words)
    return Admission(source=kind.source(*words, *own), only=kind.only(user), variant=" ".join(own))


def admit_all(
    user: Any, channels: Sequence[str]
) -> tuple[dict[str, Admission], dict[str, tuple[Problem, list[str]]]]:
    """Admit a user to as many as they may hear; refusals come with their channels, by kind of problem."""
    admitted: dict[str, Admission] = {}
    refused: dict[str, tuple[Problem, list[str]]] = {}
    for channel in channels:
        try:
            admitted[channel] = admit(user, channel)
        except Problem as problem:
            refused.setdefault(f"{problem.kind}: {problem.detail}", (problem, []))[1].append(channel)
    return admitted, refused


def _anybody(_user: Any, _words: Sequence[str]) -> None:
    """Let in whoever holds a role."""


def _account(user: Any, words: Sequence[str]) -> None:
    access.need(user, "account.view", account=words[0])


def _instrument(_user: Any, words: Sequence[str]) -> None:
    if words[0] not in instruments.specs():
        raise Problem("not-found", f"There is no instrument {words[0][:40]!r}.")
    if len(words) > 1 and words[1] not in {timeframe.value for timeframe in Timeframe}:
        raise Problem("not-found", f"There is no timeframe {words[1][:40]!r}.")


def _agent(user: Any, words: Sequence[str]) -> None:
    access.need(user, "agent.view", agent=words[0])


def _agent_rights(user: Any, words: Sequence[str]) -> Sequence[str]:
    return rights.held_on(user, rights.AGENT)[words[0]]


def _run(user: Any, words: Sequence[str]) -> None:
    if not words[0].isdecimal() or len(words[0]) > MOST_DIGITS:
        raise Problem("not-found", f"There is no training {words[0][:40]!r}.")
    visible_run(user, int(words[0]))


def _agents(user: Any) -> frozenset[str] | None:
    return None if user.is_superuser else frozenset(rights.visible(user, rights.AGENT))


def _accounts(user: Any) -> frozenset[str] | None:
    return None if user.is_superuser else frozenset(rights.visible(user, rights.ACCOUNT))


def _scopes(user: Any) -> frozenset[str] | None:
    """Return the scopes of risk that the user may see."""
    return None if user.is_superuser else frozenset(rights.scopes(user))


def _own_scopes(user: Any, _words: Sequence[str]) -> Sequence[str]:
    return sorted(rights.scopes(user))


KINDS: Mapping[str, Kind] = {
    "quotes": Kind(words=1, need=_instrument, source=sources.quotes),
    "bars": Kind(words=2, need=_instrument, source=sources.bars),
    "orders": Kind(words=1, need=_account, source=sources.orders),
    "fills": Kind(words=1, need=_account, source=sources.fills),
    "positions": Kind(words=1, need=_account, source=sources.positions),
    "account": Kind(words=1, need=_account, source=sources.account),
    "signals": Kind(words=1, need=_agent, source=sources.signals),
    "agents": Kind(words=0, need=_anybody, source=sources.agents, only=_agents),
    "agent": Kind(words=1, need=_agent, source=sources.agent, own=_agent_rights),
    "run": Kind(words=1, need=_run, source=sources.run),
    "breakers": Kind(words=0, need=_anybody, source=sources.breakers, only=_scopes),
    "alerts": Kind(words=0, need=_anybody, source=sources.alerts, own=_own_scopes),
    "brokers": Kind(words=0, need=_anybody, source=sources.connections, only=_accounts),
    "system": Kind(words=0, need=_anybody, source=sources.system),
}
