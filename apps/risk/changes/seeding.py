"""Paper defaults, for a desk that has no rules of its own yet."""

from decimal import Decimal

from django.db import transaction

from apps.risk.breakers.moving import hold
from apps.risk.breakers.reading import ACCOUNT, DESK, states
from apps.risk.changes.limits import SOURCE
from apps.risk.changes.sizing import set_sizing
from apps.risk.domain.limits import Metric, Unit
from apps.risk.models import RiskLimit, SizingRule

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
