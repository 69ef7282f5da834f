"""Changes that need a second person: which do, who may decide on them, and what exactly was agreed to."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from apps.risk.domain.breaker import LossBase
from apps.risk.domain.limits import DEFAULT_LOSS, LOSS_LEVELS, Limit, Metric
from apps.risk.domain.measures import DEFAULT_REPEATS, default_burst
from apps.risk.errors import NotAPerson, NotOpen

Payload = Mapping[str, Any]
EVERYBODY = frozenset({"desk", "account:*", "source:*"})  # each order has all three
PERSON = re.compile(r"user:[1-9][0-9]*")


class ChangeKind(StrEnum):
    LIMIT = "limit"
    LIMIT_END = "limit_end"
    SIZING = "sizing"
    PACK = "pack"
    PERMISSION = "permission"
    RESTRICTION_END = "restriction_end"
    CLASS = "class"
    BREAKER_RESET = "breaker_reset"
    OVERRIDE = "override"


class ChangeState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ChangeEvent(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


# What is decided stays decided: only an open request moves.
MOVES: Mapping[tuple[ChangeState, ChangeEvent], ChangeState] = {
    (ChangeState.OPEN, ChangeEvent.APPROVE): ChangeState.APPROVED,
    (ChangeState.OPEN, ChangeEvent.REJECT): ChangeState.REJECTED,
    (ChangeState.OPEN, ChangeEvent.WITHDRAW): ChangeState.WITHDRAWN,
    (ChangeState.OPEN, ChangeEvent.EXPIRE): ChangeState.EXPIRED,
}
WAITS = timedelta(hours=24)
# An override is for one order of this moment: it waits as long as it lives once it is approved.
OVERRIDE_LIVES = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One request. `maker` and `decided_by` are people as `user:<id>`, or the desk where it expired.

    `before` is what was in force when it was proposed. All times are wall time.
    """

    id: int
    kind: ChangeKind
    scope: str
    subject: str
    payload: Payload
    payload_hash: str
    before: Payload
    maker: str
    reason: str
    state: ChangeState
    created_at: datetime
    expires_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    decision_reason: str = ""
    applied_at: datetime | None = None
    used_by: str = ""


def after(state: ChangeState, event: ChangeEvent) -> ChangeState:
    """Return the state that follows. Raise NotOpen for a request that is decided."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise NotOpen(f"the request is {state} already") from None


def waits(kind: ChangeKind) -> timedelta:
    """Return how long a request stays open before it expires by itself."""
    return OVERRIDE_LIVES if kind is ChangeKind.OVERRIDE else WAITS


def person(source: str) -> str:
    """Return the one user id of whoever acts, `user:7` for `user:7 (anna)`. Raise NotAPerson."""
    found = source.partition(" ")[0]
    if not PERSON.fullmatch(found):
        raise NotAPerson(f"people decide on changes, {source!r} is none")
    return found


def digest(kind: ChangeKind, payload: Payload) -> str:
    """Return the SHA-256 of what is to be done, as hexadecimal digits; the order of keys does not matter."""
    text = json.dumps([kind.value, dict(payload)], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def loosens(new: Limit, old: Limit | None, *, beside: Iterable[Limit] = ()) -> bool:
    """Tell whether a second person must agree: the new row lets anything pass that the old one stops.

    In another unit, or counted from another base, nobody can tell, and the careful answer is yes. A new row
    only adds a bound, save where it takes the place of a default; `beside` are the other rows in force.
    """
    if old is None:
        return _replaces_default(new, tuple(beside))
    if (new.unit, new.loss_base) != (old.unit, old.loss_base):
        return True
    sign = -1 if new.metric.is_floor else 1
    if sign * new.hard > sign * old.hard:
        return True
    if old.soft is None:
        return False
    return new.soft is None or sign * new.soft > sign * old.soft


def _replaces_default(new: Limit, beside: Sequence[Limit]) -> bool:
    """Tell whether a first row may be looser than what counts without it."""
    if any(_covers(row, new) for row in beside):
        return False
    if new.metric in LOSS_LEVELS:
        usual = DEFAULT_LOSS[LOSS_LEVELS[new.metric]]
        return new.hard > usual or new.loss_base is not LossBase.HIGH_WATER_MARK
    if new.metric is Metric.REPEATS:
        return new.hard > DEFAULT_REPEATS
    if new.metric is Metric.MESSAGE_BURST:
        rates = [row.hard for row in beside if row.metric is Metric.MESSAGE_RATE and _meet(row, new)]
        return bool(rates) and new.hard > default_burst(min(rates))  # without a rate nothing passes at all
    return False


def _covers(row: Limit, new: Limit) -> bool:
    """Tell whether a row bounds all that a new one of its metric will, so that no default counts there."""
    everywhere = new.metric is Metric.REPEATS and row.scope in EVERYBODY
    return (
        row.metric is new.metric
        and row.instrument in {"", new.instrument}
        and (everywhere or fnmatchcase(new.scope, row.scope))
    )


def _meet(row: Limit, new: Limit) -> bool:
    """Tell whether there may be an order that both rows apply to."""
    scopes = fnmatchcase(new.scope, row.scope) or fnmatchcase(row.scope, new.scope)
    return scopes and ("" in {row.instrument, new.instrument} or row.instrument == new.instrument)
