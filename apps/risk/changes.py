"""Changes of limits and sizing rules: a row ends, the next version begins, and a tighter one acts at once.

Four eyes come later: today one person with the right and a reason may loosen a limit as well.
"""

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
from apps.risk.models import BreakerState, RiskLimit, SizingRule

SOURCE = "source:"
TOPIC = "limits"
SEEDED = "paper default"

D = Decimal
# Multiples of equity, so that they fit any paper account: with 100,000 at 1:30 a dozen rules hold a lot or
# less each, gross 15 x equity needs at most half of it as margin at 1:30, and a fifth stays free.
ACCOUNT_LIMITS: tuple[tuple[Metric, Decimal | None, Decimal, Unit], ...] = (
    (Metric.ORDER_SIZE, None, D(5), Unit.LOTS),
    (Metric.ORDER_VALUE, None, D(6), Unit.EQUITY),
    (Metric.ORDER_EQUITY, None, D(6), Unit.EQUITY),
    (Metric.POSITION, D(8), D(10), Unit.LOTS),
    (Metric.GROSS, D(12), D(15), Unit.EQUITY),
    (Metric.NET, D(10), D(12), Unit.EQUITY),
    (Metric.OPEN_ORDERS, None, D(50), Unit.COUNT),
    (Metric.FREE_MARGIN, D("0.35"), D("0.2"), Unit.EQUITY),
    (Metric.COLLAR, None, D("0.01"), Unit.SHARE),
    (Metric.GAP_FACTOR, None, D(3), Unit.TIMES),
    (Metric.LOSS_WARNING, None, D("0.05"), Unit.SHARE),
    (Metric.LOSS_REDUCING, None, D("0.10"), Unit.SHARE),
    (Metric.LOSS_HALTED, None, D("0.15"), Unit.SHARE),
)
SOURCE_LIMITS: tuple[tuple[Metric, Decimal | None, Decimal, Unit], ...] = (
    (Metric.ORDER_SIZE, None, D(5), Unit.LOTS),
    (Metric.ORDER_VALUE, None, D(6), Unit.EQUITY),
    (Metric.POSITION, None, D(5), Unit.LOTS),
    (Metric.GROSS, None, D(8), Unit.EQUITY),
    (Metric.NET, None, D(8), Unit.EQUITY),
    (Metric.OPEN_ORDERS, None, D(10), Unit.COUNT),
)
RISK_FRACTION, ASSUMED_STOP = D("0.01"), D("0.02")
TARGET_VOLATILITY = D("0.05")  # of equity, a year, for each agent
AGENTS = "agent:*"


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


def set_sizing(
    *,
    source: str,
    reason: str,
    by: str,
    risk_fraction: Decimal | None = None,
    target_volatility: Decimal | None = None,
    assumed_stop: Decimal | None = None,
) -> SizingRule:
    """Put a sizing rule in force for a source or a pattern such as `agent:*`. Raise BadReason, Busy.

    It sizes what is asked for from now on; what is approved keeps its size.
    """
    if not reason.strip() or not by.strip():
        raise BadReason("a sizing rule is changed by somebody and for a reason")
    try:
        with transaction.atomic():
            hold(DESK)
            newest = SizingRule.objects.filter(source=source).order_by("-version").first()
            SizingRule.objects.filter(source=source, ended_at__isnull=True).update(ended_at=timezone.now())
            rule = SizingRule.objects.create(
                source=source,
                risk_fraction=risk_fraction,
                target_volatility=target_volatility,
                assumed_stop=assumed_stop,
                version=newest.version + 1 if newest else 1,
                reason=reason,
                changed_by=by,
            )
            sizers = {"risk_fraction": risk_fraction, "target_volatility": target_volatility}
            payload = {name: None if share is None else str(share) for name, share in sizers.items()}
            payload |= {"version": str(rule.version), "reason": reason, "by": by}
            audit.append(chain=DESK, kind="risk.sizing", subject=source[:80], payload=payload)
            bell.after_commit(TOPIC, source)
    except ScopeHeld as error:
        raise Busy(str(error)) from error
    return rule


def seed_agent_sizing() -> int:
    """Size agents by their stop and by volatility, unless a rule says so already; return how many are new."""
    if SizingRule.objects.filter(source=AGENTS, ended_at__isnull=True).exists():
        return 0
    set_sizing(
        source=AGENTS,
        risk_fraction=RISK_FRACTION,
        target_volatility=TARGET_VOLATILITY,
        assumed_stop=ASSUMED_STOP,
        reason=SEEDED,
        by="desk",
    )
    return 1


def seed_paper_limits(account_slug: str) -> int:
    """Put paper defaults in force where an account or source has none yet; return how many were added."""
    wanted = [(f"{ACCOUNT}{account_slug}", *row) for row in ACCOUNT_LIMITS]
    wanted += [(f"{SOURCE}*", *row) for row in SOURCE_LIMITS]
    added = 0
    with transaction.atomic():
        hold(DESK)
        states([DESK, f"{ACCOUNT}{account_slug}"])
        for scope, metric, soft, hard, unit in wanted:
            added += _seed(scope, metric, soft, hard, unit)
        _, created = SizingRule.objects.get_or_create(
            source="*",
            ended_at=None,
            defaults={
                "risk_fraction": RISK_FRACTION,
                "assumed_stop": ASSUMED_STOP,
                "reason": SEEDED,
                "changed_by": "desk",
            },
        )
    return added + created


def _seed(scope: str, metric: Metric, soft: Decimal | None, hard: Decimal, unit: Unit) -> int:
    if RiskLimit.objects.filter(scope=scope, metric=metric, instrument="").exists():
        return 0
    RiskLimit.objects.create(
        scope=scope,
        metric=metric.value,
        soft=soft,
        hard=hard,
        unit=unit.value,
        reason=SEEDED,
        changed_by="desk",
    )
    return 1
