"""Limits that let more pass than before, and limits that end: both wait for a second person."""

import re
from decimal import Decimal
from typing import Any

from apps.risk.changes import limits
from apps.risk.changes.guarding import guard_of
from apps.risk.changes.kind import (
    INSTRUMENT,
    Facts,
    Kind,
    agreed,
    choice,
    digits,
    facts,
    maybe,
    number,
    only,
    text,
)
from apps.risk.domain.breaker import LossBase
from apps.risk.domain.change import Change, Payload
from apps.risk.domain.limits import Limit, Metric, Unit
from apps.risk.errors import BadChange

SCOPES = re.compile(r"desk|account:(?:\*|[-\w]{1,80}\*?)|source:(?:\*|[-\w.:]{1,90}\*?)")
CURRENCY = re.compile(r"(?:[A-Z]{3,8})?")
WHICH = ("scope", "metric", "instrument", "currency")
VALUES = ("soft", "hard", "unit", "loss_base")


def payload_of(limit: Limit) -> Facts:
    """Return a limit as a request's payload."""
    return {
        "scope": limit.scope,
        "metric": limit.metric.value,
        "instrument": limit.instrument,
        "currency": limit.currency,
        **_values(limit),
    }


def _values(limit: Limit) -> Facts:
    return {
        "soft": digits(limit.soft),
        "hard": digits(limit.hard),
        "unit": limit.unit.value,
        "loss_base": limit.loss_base.value,
    }


def _limit(found: Facts) -> Limit:
    """Return the limit that a canonical payload describes."""
    hard, soft = found["hard"], found["soft"]
    return Limit(
        scope=str(found["scope"]),
        metric=Metric(str(found["metric"])),
        instrument=str(found["instrument"]),
        currency=str(found["currency"]),
        soft=None if soft is None else Decimal(soft),
        hard=Decimal(str(hard)),
        unit=Unit(str(found["unit"])),
        loss_base=LossBase(str(found["loss_base"])),
    )


def _which(payload: Payload) -> dict[str, Any]:
    instrument = text(payload, "instrument", like=INSTRUMENT) if payload.get("instrument") else ""
    return {
        "scope": text(payload, "scope", like=SCOPES),
        "metric": Metric(choice(payload, "metric", list(Metric))),
        "instrument": instrument,
        "currency": text(payload, "currency", like=CURRENCY),
    }


def _clean(payload: Payload) -> Facts:
    only(payload, (*WHICH, *VALUES))
    limit = Limit(
        **_which(payload),
        soft=maybe(payload, "soft"),
        hard=number(payload, "hard"),
        unit=Unit(choice(payload, "unit", list(Unit))),
        loss_base=LossBase(
            choice(payload, "loss_base", list(LossBase), default=LossBase.HIGH_WATER_MARK.value)
        ),
    )
    limits.sane(limits.row_of(limit))
    return payload_of(limit)


def _clean_end(payload: Payload) -> Facts:
    only(payload, WHICH)
    which = _which(payload)
    if not _before(which):
        raise BadChange("this limit is not in force")
    return {name: str(value) for name, value in which.items()}


def _any(found: Facts) -> Limit:
    """Return a limit of the same scope, metric, instrument and currency, whatever its values."""
    return _limit({"soft": None, "hard": "1", "unit": Unit.COUNT, "loss_base": LossBase.INITIAL} | found)


def _before(found: Facts) -> Facts:
    row = limits.in_force(_any(found))
    return {} if row is None else {**_values(row.value()), "version": str(row.version)}


def _apply(change: Change) -> None:
    limits.put(_limit(facts(change.payload)), reason=change.reason, by=agreed(change))


def _apply_end(change: Change) -> None:
    limits.end(_any(facts(change.payload)), reason=change.reason, by=agreed(change))


def _guard(found: Facts) -> str:
    return guard_of(str(found["scope"]))


def _subject(found: Facts) -> str:
    return ":".join(str(found[name]) for name in WHICH).rstrip(":")


LIMIT = Kind(clean=_clean, guard=_guard, subject=_subject, before=_before, apply=_apply)
LIMIT_END = Kind(clean=_clean_end, guard=_guard, subject=_subject, before=_before, apply=_apply_end)
