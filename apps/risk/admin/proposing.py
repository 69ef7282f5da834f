"""How pages propose what a second person has to approve, and how they show what would change."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from apps.edges import dialogs, figures, rights
from apps.risk import changes
from apps.risk.domain.change import ChangeKind, Payload
from apps.risk.errors import NotYours, RiskError

# What the subject says already, or no person compares.
NAMED = {"scope", "metric", "instrument", "currency", "source", "account", "order_hash", "version", "since"}


def propose(request: HttpRequest, *, kind: ChangeKind, payload: Payload, reason: str) -> HttpResponse:
    """Make the request under the user's name and lead to the page where it waits."""

    def act() -> str:
        need_right(request.user, kind=kind, payload=payload)
        change = changes.propose(kind=kind, payload=payload, reason=reason, by=rights.actor(request.user))
        return f"It waits for a second person until {change.expires_at:%Y-%m-%d %H:%M} UTC."

    to = reverse("admin:risk_changerequest_changelist") + "?state__exact=open"
    return dialogs.answer(request, to=to, act=act, errors=(RiskError,))


def need_right(user: Any, *, kind: ChangeKind, payload: Payload) -> None:
    """Raise NotYours unless the user may propose this for the account or agent that it is of, BadChange."""
    right = "override.propose" if kind is ChangeKind.OVERRIDE else "change.propose"
    if not rights.may(user, right, **rights.of_scope(changes.scope_of(kind, payload))):
        raise NotYours("You do not hold the right to propose this on its account or agent.")


def difference(kind: str, before: Mapping[str, object], payload: Payload) -> str:
    """Say in one line what would change: `hard 15 -> 20`, or what kind of end it is."""
    ends = {
        ChangeKind.LIMIT_END: f"{before.get('hard', figures.NONE)} {before.get('unit', '')} ends",
        ChangeKind.BREAKER_RESET: f"{before.get('level', '')} to NORMAL",
        ChangeKind.RESTRICTION_END: "restricted to free",
        ChangeKind.PERMISSION: "not permitted to permitted",
    }
    if kind in ends:
        return ends[ChangeKind(kind)].strip()
    pairs = [
        (name, before.get(name), value)
        for name, value in payload.items()
        if name not in NAMED and before.get(name) != value
    ]
    said = ", ".join(f"{name} {_shown(old)} → {_shown(new)}" for name, old, new in pairs)
    unit = payload.get("unit")
    return f"{said} ({_shown(unit)})" if unit and unit == before.get("unit") else said


def _shown(value: object) -> str:
    return figures.NONE if value in {None, ""} else str(value).replace("_", " ")
