"""Paper defaults, for a desk that has no rules of its own yet."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db import transaction

from apps.risk.breakers.moving import hold
from apps.risk.breakers.reading import ACCOUNT, DESK, states
from apps.risk.changes.guarding import SOURCE, changing
from apps.risk.changes.sizing import put_sizing
from apps.risk.domain.limits import Metric, Unit
from apps.risk.domain.packs import Kind as Class
from apps.risk.domain.sizing import Rule
from apps.risk.models import InstrumentClass, InstrumentPermission, RiskLimit, SizingRule

SEEDED = "paper default"

D = Decimal
Row = tuple[Metric, Decimal | None, Decimal, Unit]
# Multiples of equity, so that they fit any paper account: with 100,000 at 1:30 a dozen rules hold a lot or
# less each, gross 15 x equity needs at most half of it as margin at 1:30, and a fifth stays free. A rule on
# bars of one minute may enter 1,440 times a day, each time for its 1.3 x equity at most; an account has a
# dozen or more of them. Rates count seconds of desk time.
DESK_LIMITS: tuple[Row, ...] = (
    (Metric.ORDER_SIZE, None, D(10), Unit.LOTS),
    (Metric.ORDER_VALUE, None, D(8), Unit.EQUITY),
    (Metric.POSITION, D(35), D(40), Unit.LOTS),
    (Metric.GROSS, D(14), D(18), Unit.EQUITY),
    (Metric.NET, D(12), D(15), Unit.EQUITY),
    (Metric.MARGIN, D("0.7"), D("0.85"), Unit.EQUITY),
    (Metric.OPEN_ORDERS, D(1500), D(2000), Unit.COUNT),
    (Metric.ENTRIES_DAY, D(80_000), D(100_000), Unit.COUNT),
    (Metric.VALUE_DAY, D(80_000), D(100_000), Unit.EQUITY),
    (Metric.DAY_LOSS, D("0.05"), D("0.10"), Unit.EQUITY),
)
ACCOUNT_LIMITS: tuple[Row, ...] = (
    (Metric.ORDER_SIZE, None, D(5), Unit.LOTS),
    (Metric.ORDER_VALUE, None, D(6), Unit.EQUITY),
    (Metric.ORDER_EQUITY, None, D(6), Unit.EQUITY),
    (Metric.POSITION, D(8), D(10), Unit.LOTS),
    (Metric.GROSS, D(12), D(15), Unit.EQUITY),
    (Metric.NET, D(10), D(12), Unit.EQUITY),
    (Metric.MARGIN, D("0.65"), D("0.8"), Unit.EQUITY),
    (Metric.OPEN_ORDERS, D(150), D(200), Unit.COUNT),
    (Metric.ENTRIES_DAY, D(30_000), D(40_000), Unit.COUNT),
    (Metric.VALUE_DAY, D(30_000), D(40_000), Unit.EQUITY),
    (Metric.DAY_LOSS, D("0.05"), D("0.10"), Unit.EQUITY),
    (Metric.FREE_MARGIN, D("0.35"), D("0.2"), Unit.EQUITY),
    (Metric.COLLAR, None, D("0.01"), Unit.SHARE),
    (Metric.GAP_FACTOR, None, D(3), Unit.TIMES),
    (Metric.MESSAGE_RATE, None, D(20), Unit.PER_SECOND),
    (Metric.MESSAGE_BURST, None, D(1000), Unit.COUNT),
    (Metric.LOSS_WARNING, None, D("0.05"), Unit.SHARE),
    (Metric.LOSS_REDUCING, None, D("0.10"), Unit.SHARE),
    (Metric.LOSS_HALTED, None, D("0.15"), Unit.SHARE),
)
SOURCE_LIMITS: tuple[Row, ...] = (
    (Metric.ORDER_SIZE, None, D(5), Unit.LOTS),
    (Metric.ORDER_VALUE, None, D(6), Unit.EQUITY),
    (Metric.POSITION, None, D(5), Unit.LOTS),
    (Metric.GROSS, None, D(8), Unit.EQUITY),
    (Metric.NET, None, D(8), Unit.EQUITY),
    (Metric.MARGIN, D("0.4"), D("0.5"), Unit.EQUITY),
    (Metric.OPEN_ORDERS, None, D(100), Unit.COUNT),
    (Metric.ENTRIES_DAY, D(2000), D(3000), Unit.COUNT),
    (Metric.VALUE_DAY, D(2500), D(4000), Unit.EQUITY),
    (Metric.DAY_LOSS, D("0.05"), D("0.10"), Unit.EQUITY),
    (Metric.MESSAGE_RATE, None, D(2), Unit.PER_SECOND),
    (Metric.MESSAGE_BURST, None, D(200), Unit.COUNT),
    (Metric.REPEATS, None, D(10), Unit.COUNT),
)
RISK_FRACTION, ASSUMED_STOP = D("0.01"), D("0.02")
TARGET_VOLATILITY = D("0.05")  # of equity, a year, for each agent
AGENTS = "agent:*"
# Major pairs are made of two of these currencies: ESMA, Decision (EU) 2018/796, annex I.
MAJOR = frozenset({"USD", "EUR", "JPY", "GBP", "CAD", "CHF"})
CURRENCIES = MAJOR | {
    "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "TRY", "ZAR", "MXN", "SGD", "HKD", "CNH",
    "ILS", "THB", "BRL", "INR", "KRW",
}  # fmt: skip
GOLD = "XAU"


def seed_agent_sizing() -> int:
    """Size agents by their stop and by volatility, unless a rule says so already; return how many are new."""
    if SizingRule.objects.filter(source=AGENTS, ended_at__isnull=True).exists():
        return 0
    rule = Rule(
        source=AGENTS,
        risk_fraction=RISK_FRACTION,
        target_volatility=TARGET_VOLATILITY,
        assumed_stop=ASSUMED_STOP,
        drawdown_scaling=True,
    )
    with changing(DESK):
        put_sizing(rule, reason=SEEDED, by="desk")
    return 1


def seed_paper_limits(account_slug: str) -> int:
    """Put paper defaults in force where desk, account or sources never had any; return how many were added.

    What people changed, ended or withdrew since stays as they left it.
    """
    wanted = [(DESK, *row) for row in DESK_LIMITS]
    wanted += [(f"{ACCOUNT}{account_slug}", *row) for row in ACCOUNT_LIMITS]
    wanted += [(f"{SOURCE}*", *row) for row in SOURCE_LIMITS]
    with transaction.atomic():
        hold(DESK)
        states([DESK, f"{ACCOUNT}{account_slug}"])
        return _seed_limits(wanted) + _seed_sizing() + _seed_permission()


def seed_classes(instruments: Iterable[str]) -> int:
    """Say what instruments are to a regulator, where nobody ever said; return how many are new.

    What the table of the regulators does not tell from a name stays without a class: a retail account does
    not trade it until two people gave it one.
    """
    known = set(InstrumentClass.objects.values_list("instrument", flat=True))
    found = {name: class_of(name) for name in instruments if name not in known}
    rows = [
        InstrumentClass(instrument=name, kind=kind.value, reason=SEEDED, changed_by="desk")
        for name, kind in found.items()
        if kind is not None
    ]
    InstrumentClass.objects.bulk_create(rows)
    return len(rows)


def class_of(instrument: str) -> Class | None:
    """Return the class that a name alone tells: pairs of currencies, and gold."""
    base, quote = instrument[:3], instrument[3:]
    if base == GOLD and quote in CURRENCIES:
        return Class.GOLD
    if not {base, quote} <= CURRENCIES:
        return None
    return Class.FX_MAJOR if {base, quote} <= MAJOR else Class.FX_MINOR


def _seed_limits(wanted: Sequence[tuple[str, Metric, Decimal | None, Decimal, Unit]]) -> int:
    scopes = {scope for scope, *_ in wanted}
    whole = RiskLimit.objects.filter(scope__in=scopes, instrument="", currency="")
    known = set(whole.values_list("scope", "metric"))
    rows = [
        RiskLimit(
            scope=scope,
            metric=metric.value,
            soft=soft,
            hard=hard,
            unit=unit.value,
            reason=SEEDED,
            changed_by="desk",
        )
        for scope, metric, soft, hard, unit in wanted
        if (scope, metric.value) not in known
    ]
    RiskLimit.objects.bulk_create(rows)
    return len(rows)


def _seed_sizing() -> int:
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
    return int(created)


def _seed_permission() -> int:
    """Let every source trade every instrument, on a desk where nobody ever decided on that."""
    if InstrumentPermission.objects.exists():
        return 0
    InstrumentPermission.objects.create(source="*", instrument="*", reason=SEEDED, changed_by="desk")
    return 1
