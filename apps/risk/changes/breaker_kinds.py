"""Leaving HALTED: two people agree, and the breaker must still stand as they saw it."""

import re
from collections.abc import Callable
from functools import partial

from apps.risk import breakers
from apps.risk.breakers.measuring import Seen, look
from apps.risk.changes.kind import Facts, Kind, agreed, only, text
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.change import Change, Payload
from apps.risk.errors import BadChange
from apps.risk.models import BreakerState

SCOPE = re.compile(r"desk|(?:account|agent):[-\w]{1,80}")


def _clean(payload: Payload) -> Facts:
    only(payload, ("scope",))
    scope = text(payload, "scope", like=SCOPE)
    row = BreakerState.objects.filter(scope=scope).first()
    if row is None or row.level < BreakerLevel.HALTED:
        raise BadChange(f"{scope} is not HALTED: one person may reset it")
    return {"scope": scope}


def _before(found: Facts) -> Facts:
    view = breakers.state(str(found["scope"]))
    return {"level": view.level.name, "since": view.changed_at.isoformat(), "cause": view.cause}


def _apply(change: Change, seen: Seen | None = None) -> None:
    scope = change.payload["scope"]
    breakers.reset(scope=scope, reason=change.reason, by=agreed(change), approval=change.id, seen=seen)


def _ahead() -> Callable[[Change], None]:
    return partial(_apply, seen=look())


def _scope(found: Facts) -> str:
    return str(found["scope"])


BREAKER_RESET = Kind(clean=_clean, guard=_scope, subject=_scope, before=_before, apply=_apply, ahead=_ahead)
