"""Puts limits in force, version after version."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.broadcast import bell
from apps.portfolio import audit
from apps.portfolio.errors import Busy as ScopeHeld
from apps.risk.breakers.moving import hold
from apps.risk.breakers.reading import ACCOUNT, AGENT, DESK, states
from apps.risk.domain.breaker import LossBase
from apps.risk.domain.limits import Limit, Metric, Unit
from apps.risk.errors import BadReason, Busy, UnknownScope
from apps.risk.models import BreakerState, RiskLimit

SOURCE = "source:"
TOPIC = "limits"


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
    loss_base: LossBase = LossBase.HIGH_WATER_MARK,
) -> Limit:
    """Put a limit in force under the lock of who it concerns. Raise BadReason, UnknownScope, Busy.

    A new or tighter one raises the scope's epoch: what was approved before and is not yet past the last
    gate is refused there.
    """
    if not reason.strip() or not by.strip():
        raise BadReason("a limit is changed by somebody and for a reason")
    guard = guard_of(scope)
    try:
        with transaction.atomic():
            hold(guard)
            old = RiskLimit.objects.filter(
                scope=scope, metric=metric, instrument=instrument, ended_at__isnull=True
            ).first()
            new = RiskLimit(
                scope=scope,
                metric=metric.value,
                instrument=instrument,
                soft=soft,
                hard=hard,
                unit=unit.value,
                loss_base=loss_base.value,
                reason=reason,
                changed_by=by,
            )
            _replace(old, new, guard)
    except ScopeHeld as error:
        raise Busy(str(error)) from error
    return new.value()


def _replace(old: RiskLimit | None, new: RiskLimit, guard: str) -> None:
    now = timezone.now()
    new.version = _last_version(new) + 1
    new.effective_from = now
    if old is not None:
        _end(old, now)
    new.save(force_insert=True)
    if old is None or _is_tighter(new.value(), old.value()):
        states([guard])
        BreakerState.objects.filter(scope=guard).update(epoch=F("epoch") + 1)
    audit.append(
        chain=audit.chain_of(guard.removeprefix(ACCOUNT)) if guard.startswith(ACCOUNT) else DESK,
        kind="risk.limit",
        subject=f"{new.scope}:{new.metric}"[:80],
        payload={
            "instrument": new.instrument,
            "old": None if old is None else f"{old.hard} {old.unit}",
            "new": f"{new.hard} {new.unit}",
            "version": new.version,
            "reason": new.reason,
            "by": new.changed_by,
        },
    )
    bell.after_commit(TOPIC, new.scope)


def _last_version(new: RiskLimit) -> int:
    rows = RiskLimit.objects.filter(scope=new.scope, metric=new.metric, instrument=new.instrument)
    version: int | None = rows.order_by("-version").values_list("version", flat=True).first()
    return version or 0


def _end(row: RiskLimit, at: datetime) -> None:
    row.ended_at = at
    row.save(update_fields=["ended_at"])


def _is_tighter(new: Limit, old: Limit) -> bool:
    """Compare two versions; in another unit nobody can tell, and the careful answer is yes."""
    if new.unit is not old.unit:
        return True
    return new.hard > old.hard if new.metric.is_floor else new.hard < old.hard


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
