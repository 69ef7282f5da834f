"""The way of a change that needs two people: proposed, then approved, rejected, withdrawn or expired."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from apps.broadcast import bell
from apps.risk import alerts
from apps.risk.changes.breaker_kinds import BREAKER_RESET
from apps.risk.changes.guarding import changing, explained, note, telling
from apps.risk.changes.kind import Kind, facts
from apps.risk.changes.limit_kinds import LIMIT, LIMIT_END
from apps.risk.changes.moments import database_now
from apps.risk.changes.overrides import OVERRIDE
from apps.risk.changes.packs import PACK
from apps.risk.changes.permissions import CLASS, PERMISSION, RESTRICTION_END
from apps.risk.changes.sizing_kinds import SIZING
from apps.risk.domain.change import (
    Change,
    ChangeEvent,
    ChangeKind,
    ChangeState,
    Payload,
    after,
    digest,
    person,
    waits,
)
from apps.risk.errors import AlreadyProposed, Busy, NotOpen, Outdated, UnknownChange, WrongPerson
from apps.risk.models import ChangeRequest

logger = logging.getLogger(__name__)
KINDS: Mapping[ChangeKind, Kind] = {
    ChangeKind.LIMIT: LIMIT,
    ChangeKind.LIMIT_END: LIMIT_END,
    ChangeKind.SIZING: SIZING,
    ChangeKind.PACK: PACK,
    ChangeKind.PERMISSION: PERMISSION,
    ChangeKind.RESTRICTION_END: RESTRICTION_END,
    ChangeKind.CLASS: CLASS,
    ChangeKind.BREAKER_RESET: BREAKER_RESET,
    ChangeKind.OVERRIDE: OVERRIDE,
}
TOPIC, RULE, DESK = "changes", "approval", "desk"


def propose(*, kind: ChangeKind, payload: Payload, reason: str, by: str) -> Change:
    """Ask a second person for a change. Nothing changes yet.

    Raise BadReason, NotAPerson, BadChange, Busy, and AlreadyProposed where one on the same subject is open.
    """
    explained(reason, by)
    maker, way = person(by), KINDS[kind]
    clean = way.clean(payload)
    now, subject = database_now(), way.subject(clean)
    row = ChangeRequest(
        kind=kind.value,
        scope=way.guard(clean),
        subject=subject,
        payload=clean,
        payload_hash=digest(kind, clean),
        before=way.before(clean),
        maker=maker,
        reason=reason,
        created_at=now,
        expires_at=now + waits(kind),
    )
    try:
        with telling(row.scope):
            _expire(ChangeRequest.objects.filter(kind=kind.value, subject=subject), now)
            row.save(force_insert=True)
            _tell(row.value(), by=maker, reason=reason)
    except IntegrityError as error:
        raise AlreadyProposed(f"a change of {subject} waits already: decide on that one first") from error
    return row.value()


def scope_of(kind: ChangeKind, payload: Payload) -> str:
    """Return whose a change would be: `desk`, `account:SLUG` or `agent:SLUG`. Raise BadChange."""
    way = KINDS[kind]
    return way.guard(way.clean(payload))


def find(request_id: int) -> Change:
    """Return one request. Raise UnknownChange."""
    row = ChangeRequest.objects.filter(pk=request_id).first()
    if row is None:
        raise UnknownChange(f"there is no request {request_id}")
    return row.value()


def approve(request_id: int, *, by: str, reason: str, payload_hash: str | None = None) -> Change:
    """Agree to exactly what was proposed, and put it in force in the same transaction.

    `payload_hash` is that of what the approver saw, where known. Raise UnknownChange, NotAPerson, BadReason,
    NotOpen, WrongPerson for its maker, Outdated where anything has changed since, Busy, and whatever the
    change itself raises; then nothing has happened and the request stays open.
    """
    explained(reason, by)
    decider, asked = person(by), find(request_id)
    way = KINDS[asked.kind]
    apply = way.ahead() if way.ahead else way.apply
    with changing(asked.scope):
        change = _held(request_id)
        _may_approve(change, decider, payload_hash)
        if way.before(facts(change.payload)) != change.before:
            raise Outdated(f"{change.subject} is no longer what it was when this was proposed: look again")
        more: dict[str, Any] = {"applied_at": timezone.now()}
        if change.kind is ChangeKind.OVERRIDE:
            more["expires_at"] = database_now() + waits(change.kind)
        decided = _decide(change, ChangeEvent.APPROVE, by=decider, reason=reason, **more)
        apply(decided)
        _tell(decided, by=decider, reason=reason)  # the audit chain's lock is the last one
    return decided


def reject(request_id: int, *, by: str, reason: str) -> Change:
    """Refuse a request for good. Raise UnknownChange, NotAPerson, BadReason, NotOpen, WrongPerson, Busy."""
    explained(reason, by)
    decider, guard = person(by), find(request_id).scope
    with telling(guard):
        change = _held(request_id)
        if decider == change.maker:
            raise WrongPerson("whoever made a request withdraws it, somebody else rejects it")
        return _close(change, ChangeEvent.REJECT, by=decider, reason=reason)


def withdraw(request_id: int, *, by: str, reason: str) -> Change:
    """Take back one's own request. Raise UnknownChange, NotAPerson, BadReason, NotOpen, WrongPerson, Busy."""
    explained(reason, by)
    decider, guard = person(by), find(request_id).scope
    with telling(guard):
        change = _held(request_id)
        if decider != change.maker:
            raise WrongPerson("only whoever made a request withdraws it")
        return _close(change, ChangeEvent.WITHDRAW, by=decider, reason=reason)


def look_after() -> int:
    """Expire what waited too long, and keep one alert open for each request that waits; return how many."""
    expired = _expire(ChangeRequest.objects.all(), database_now())
    waiting = {f"{RULE}:{row.pk}": row.value() for row in ChangeRequest.objects.filter(state="open")}
    known = alerts.open_keys(RULE)
    for key in known - set(waiting):
        alerts.close_alert(key=key)
    for key in set(waiting) - known:
        change = waiting[key]
        what = f"{change.kind.replace('_', ' ')} of {change.subject}"
        text = f"{what} waits for a second person until {change.expires_at:%H:%M} UTC: {change.reason}"
        alerts.raise_alert(level="info", rule=RULE, scope=change.scope, key=key, text=text)
    return expired


def _expire(rows: Any, now: datetime) -> int:
    overdue = rows.filter(state=ChangeState.OPEN.value, expires_at__lte=now).values_list("pk", "scope")
    expired = 0
    for pk, guard in list(overdue):
        try:
            with telling(guard):
                _close(_held(pk), ChangeEvent.EXPIRE, by=DESK, reason="nobody decided in time")
        except NotOpen:  # somebody did in this moment
            continue
        except Busy as error:  # nobody can approve it any more: the next round ends it
            logger.info("request %s expires later: %s", pk, error)
            continue
        expired += 1
    return expired


def _held(request_id: int) -> Change:
    row = ChangeRequest.objects.select_for_update().filter(pk=request_id).first()
    if row is None:
        raise UnknownChange(f"there is no request {request_id}")
    return row.value()


def _may_approve(change: Change, decider: str, payload_hash: str | None) -> None:
    after(change.state, ChangeEvent.APPROVE)
    if database_now() >= change.expires_at:
        raise NotOpen("the request has expired")
    if decider == change.maker:
        raise WrongPerson("a second person approves, not the one who made the request")
    bound = digest(change.kind, change.payload)
    if bound != change.payload_hash or payload_hash not in {None, bound}:
        raise Outdated("this is not what was proposed: its hash is another")


def _decide(change: Change, event: ChangeEvent, *, by: str, reason: str, **more: Any) -> Change:
    decided = replace(
        change,
        state=after(change.state, event),
        decided_by=by,
        decided_at=timezone.now(),
        decision_reason=reason,
        **more,
    )
    names = ("decided_by", "decided_at", "decision_reason", *more)
    rows = ChangeRequest.objects.filter(pk=change.id, state=change.state.value)
    if not rows.update(state=decided.state.value, **{name: getattr(decided, name) for name in names}):
        raise NotOpen("somebody else decided in this moment")
    return decided


def _close(change: Change, event: ChangeEvent, *, by: str, reason: str) -> Change:
    """Decide on a request so that nothing changes."""
    decided = _decide(change, event, by=by, reason=reason)
    _tell(decided, by=by, reason=reason)
    return decided


def _tell(change: Change, *, by: str, reason: str) -> None:
    what = "proposed" if change.state is ChangeState.OPEN else change.state.value
    note(
        change.scope,
        kind=f"change.{what}",
        subject=f"change:{change.id}",
        payload={
            "kind": change.kind.value,
            "of": change.subject,
            "hash": change.payload_hash,
            "maker": change.maker,
            "by": by,
            "reason": reason,
        },
    )
    bell.after_commit(TOPIC, str(change.id))
