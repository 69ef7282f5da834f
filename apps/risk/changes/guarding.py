"""Whose lock a change is made under, and whose epoch it raises."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import F

from apps.portfolio.errors import Busy as ScopeHeld
from apps.risk.breakers.moving import hold
from apps.risk.breakers.noting import note
from apps.risk.breakers.reading import ACCOUNT, AGENT, DESK, states
from apps.risk.errors import BadReason, Busy, UnknownScope
from apps.risk.models import BreakerState

__all__ = ["SOURCE", "TOPIC", "changing", "explained", "guard_of", "note", "raise_epoch", "telling"]
SOURCE = "source:"
TOPIC = "limits"


@contextmanager
def changing(guard: str) -> Iterator[None]:
    """Hold the lock of a guard (`desk`, `account:SLUG`, `agent:SLUG`) in a transaction. Raise Busy."""
    try:
        with transaction.atomic():
            hold(guard)
            yield
    except ScopeHeld as error:
        raise Busy(str(error)) from error


@contextmanager
def telling(guard: str) -> Iterator[None]:
    """Hold what the chain needs that `note` appends to, where nothing else is changed. Raise Busy.

    That is the guard's account. The desk's chain brings a lock of its own: a proposal stops nobody's entries.
    """
    try:
        with transaction.atomic():
            if guard.startswith(ACCOUNT):
                hold(guard)
            yield
    except ScopeHeld as error:
        raise Busy(str(error)) from error


def guard_of(scope: str) -> str:
    """Return the breaker scope whose lock and epoch protect a limit; a pattern concerns the whole desk.

    A source that is no agent has no epoch of its own, so that of the desk stands for it.
    """
    kinds: dict[str, Callable[[str], str]] = {
        ACCOUNT: lambda rest: f"{ACCOUNT}{rest}",
        SOURCE: lambda rest: rest if rest.startswith(AGENT) else DESK,
    }
    if scope == DESK:
        return DESK
    for prefix, guard in kinds.items():
        if scope.startswith(prefix) and scope != prefix:
            return DESK if "*" in scope else guard(scope.removeprefix(prefix))
    raise UnknownScope(f"a limit has the scope desk, account:SLUG or source:SOURCE, not {scope!r}")


def raise_epoch(guard: str) -> None:
    """Let nothing that was approved before pass the last gate any more. Callers hold the lock."""
    states([guard])
    BreakerState.objects.filter(scope=guard).update(epoch=F("epoch") + 1)


def explained(reason: str, by: str) -> None:
    """Raise BadReason for a change by nobody or without a reason."""
    if not reason.strip() or not by.strip():
        raise BadReason("a change is made by somebody and for a reason")
