"""Puts limits in force, version after version: tighter ones at once, looser ones once two people agree."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, QuerySet

from apps.broadcast import bell
from apps.portfolio import ledger
from apps.risk.breakers.reading import DESK
from apps.risk.changes.guarding import TOPIC, changing, explained, guard_of, note, raise_epoch
from apps.risk.changes.moments import database_now
from apps.risk.domain.breaker import LossBase
from apps.risk.domain.change import loosens
from apps.risk.domain.limits import SCOPES, UNITS, Limit, Metric, Unit
from apps.risk.errors import BadChange, NeedsSecondPerson
from apps.risk.models import RiskLimit


def set_limit(
    *,
    scope: str,
    metric: Metric,
    hard: Decimal,
    unit: Unit,
    reason: str,
    by: str,
    soft: Decimal | None = None,
    instrument: str = "",
    currency: str = "",
    loss_base: LossBase = LossBase.HIGH_WATER_MARK,
) -> Limit:
    """Put a new or tighter limit in force at once, under the lock of who it concerns.

    It raises the scope's epoch: what was approved before and is not yet past the last gate is refused there.
    Raise NeedsSecondPerson for anything looser, BadReason, BadChange, UnknownScope, Busy.
    """
    explained(reason, by)
    wanted = Limit(
        scope=scope,
        metric=metric,
        soft=soft,
        hard=hard,
        unit=unit,
        instrument=instrument,
        currency=currency,
        loss_base=loss_base,
    )
    with changing(guard_of(scope)):
        old = in_force(wanted)
        if loosens(wanted, old.value() if old else None, beside=_all_in_force()):
            raise NeedsSecondPerson(f"{named(wanted)} would let more pass: propose it to a second person")
        return put(wanted, reason=reason, by=by)


def in_force(of: Limit) -> RiskLimit | None:
    """Return the row that a limit of the same scope, metric, instrument and currency replaces."""
    return _versions(of).filter(ended_at__isnull=True).first()


def put(wanted: Limit, *, reason: str, by: str) -> Limit:
    """Replace the row in force, whoever agreed to it. Callers hold the lock. Raise BadChange."""
    old, now = in_force(wanted), database_now()
    before = old.value() if old else None
    new = row_of(wanted)
    new.version, new.effective_from = _next_version(wanted), now
    new.reason, new.changed_by = reason, by
    sane(new)
    if old is not None:
        _end(old, now)
    new.save(force_insert=True)
    guard = guard_of(wanted.scope)
    if before is None or loosens(before, wanted):
        raise_epoch(guard)
    if wanted.scope == DESK:
        ledger.forget_caps()
    _note(guard, before, wanted, version=new.version, reason=reason, by=by)
    return new.value()


def end(of: Limit, *, reason: str, by: str) -> None:
    """End the row in force, whoever agreed to it. Callers hold the lock. Raise BadChange."""
    old = in_force(of)
    if old is None:
        raise BadChange(f"{named(of)} is not in force")
    _end(old, database_now())
    if of.scope == DESK:
        ledger.forget_caps()
    _note(guard_of(of.scope), old.value(), None, version=old.version, reason=reason, by=by)


def row_of(wanted: Limit) -> RiskLimit:
    """Return an unsaved row of a limit."""
    return RiskLimit(
        scope=wanted.scope,
        metric=wanted.metric.value,
        instrument=wanted.instrument,
        currency=wanted.currency,
        soft=wanted.soft,
        hard=wanted.hard,
        unit=wanted.unit.value,
        loss_base=wanted.loss_base.value,
    )


def sane(row: RiskLimit) -> None:
    """Raise BadChange for a limit that no order could be judged by."""
    checks = [c for c in RiskLimit._meta.constraints if isinstance(c, CheckConstraint)]  # noqa: SLF001
    try:
        row.clean_fields(exclude=("reason", "changed_by"))
        for check in checks:
            if check.name != "risk_limit_reason":
                check.validate(RiskLimit, row)
    except ValidationError as error:
        raise BadChange(" ".join(error.messages)) from error
    limit = row.value()
    if not limit.fits:
        units = " or ".join(UNITS[limit.metric])
        raise BadChange(f"{limit.metric} is measured in {units}, not in {limit.unit}")
    if not limit.is_judged:
        where = " and ".join(SCOPES[limit.metric])
        raise BadChange(f"{limit.metric} is judged at {where}, a row of {limit.scope} would bound nothing")


def named(limit: Limit) -> str:
    """Name a limit for people."""
    of = limit.instrument or limit.currency
    return f"{limit.metric.value.replace('_', ' ')} {f'of {of} ' if of else ''}for {limit.scope}"


def _all_in_force() -> Iterator[Limit]:
    return (row.value() for row in RiskLimit.objects.filter(ended_at__isnull=True))


def _versions(of: Limit) -> "QuerySet[RiskLimit]":
    return RiskLimit.objects.filter(
        scope=of.scope, metric=of.metric.value, instrument=of.instrument, currency=of.currency
    )


def _next_version(of: Limit) -> int:
    newest: int | None = _versions(of).order_by("-version").values_list("version", flat=True).first()
    return (newest or 0) + 1


def _end(row: RiskLimit, at: datetime) -> None:
    row.ended_at = at
    row.save(update_fields=["ended_at"])


def _note(guard: str, old: Limit | None, new: Limit | None, *, version: int, reason: str, by: str) -> None:
    limit = new or old
    if limit is None:
        raise ValueError("a change has a before or an after")
    note(
        guard,
        kind="risk.limit",
        subject=f"{limit.scope}:{limit.metric}",
        payload={
            "instrument": limit.instrument,
            "currency": limit.currency,
            "old": _told(old),
            "new": _told(new),
            "version": str(version),
            "reason": reason,
            "by": by,
        },
    )
    bell.after_commit(TOPIC, limit.scope)


def _told(limit: Limit | None) -> str | None:
    return None if limit is None else f"{limit.hard:f} {limit.unit}"
