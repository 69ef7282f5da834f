"""Limits in force beside what is used of them, for whoever would rather look than read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase

from django.db.models import Q
from django.db.models.functions import Now

from apps.portfolio.domain.use import figure
from apps.risk import gauges
from apps.risk.domain.limits import LOSS_LEVELS, Metric, Unit
from apps.risk.gauges import ScopeRisk
from apps.risk.models import RiskLimit
from apps.risk.models.limits import CURRENT
from apps.risk.overview.use import ACCOUNT, DESK, SOURCE, Use, all_uses

NOTHING, ONE = Decimal(0), Decimal(1)
SUMMED = {Metric.GROSS: "gross", Metric.MARGIN: "margin", Metric.OPEN_ORDERS: "open_orders"}
COUNTED = {Metric.ENTRIES_DAY: "entries_day", Metric.VALUE_DAY: "value_day"}
MEASURED = {Metric.SIGMA: "sigma", Metric.VAR: "var", Metric.ES: "es"}
# These bound each order, or say how it is judged: nothing stands in them between two orders.
OF_EACH_ORDER = frozenset(
    {
        Metric.ORDER_SIZE,
        Metric.ORDER_VALUE,
        Metric.ORDER_EQUITY,
        Metric.COLLAR,
        Metric.GAP_FACTOR,
        Metric.MESSAGE_RATE,
        Metric.MESSAGE_BURST,
        Metric.REPEATS,
    }
)
NEED_NO_PRICE = ("open_orders", "entries_day")
NOT_MEASURED = "not measured yet"
NO_RATE = "no fresh rate of the currency that it was measured in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """One limit of one scope with its use, all in the same unit; `currency` is that of money, else empty.

    `used` is None where it is not known (`why` says so) and where the limit bounds `each_order`. `counts` is
    the instrument or currency that it counts alone, `at` the instrument that stands highest.
    """

    limit_id: int
    scope: str
    metric: Metric
    counts: str
    unit: str
    currency: str
    used: Decimal | None
    soft: Decimal | None
    hard: Decimal | None
    version: int
    each_order: bool
    at: str = ""
    why: str = ""

    @property
    def is_over(self) -> bool:
        """Tell whether the use is beyond the limit: then no entry passes until it is back. Equal passes."""
        if self.used is None or self.hard is None:
            return False
        return self.used < self.hard if self.metric.is_floor else self.used > self.hard

    @property
    def is_soft(self) -> bool:
        if self.used is None or self.soft is None or self.is_over:
            return False
        return self.used < self.soft if self.metric.is_floor else self.used > self.soft

    @property
    def share(self) -> Decimal | None:
        """Return the part of a ceiling that is used, or how near one stands to a floor.

        None where it is not known, and below a floor of which nothing is left.
        """
        if self.used is None or self.hard is None:
            return None
        part, whole = (self.hard, self.used) if self.metric.is_floor else (self.used, self.hard)
        return part / whole if whole > 0 else None

    @property
    def left(self) -> Decimal | None:
        """Return what may still be taken, below nought where the use is beyond the limit."""
        if self.used is None or self.hard is None:
            return None
        return self.used - self.hard if self.metric.is_floor else self.hard - self.used

    @property
    def rank(self) -> tuple[int, Decimal]:
        """What stands first: beyond its limit, then by share, then not known, then bounds of each order."""
        if self.each_order:
            return 3, NOTHING
        if self.is_over:
            return 0, -(self.share or NOTHING)
        return (2, NOTHING) if self.share is None else (1, -self.share)


def headroom(sees: Callable[[str], bool]) -> list[Headroom]:
    """Return the limits in force of every scope that the reader `sees`, those most used first.

    Of several rows for the same scope, metric, instrument and currency the tightest counts.
    """
    uses, measured = all_uses(), gauges.latest()
    rows = list(RiskLimit.objects.filter(CURRENT, Q(effective_from__lte=Now())))
    found: list[Headroom] = []
    for use in uses.values():
        if sees(use.scope):
            equity = use.equity if not use.scope.startswith(SOURCE) else uses[DESK].equity
            of_scope = (row for row in rows if fnmatchcase(use.scope, row.scope))
            found += _tightest(_of(row, use, equity, measured.get(use.scope)) for row in of_scope)
    return sorted(found, key=lambda one: (*one.rank, one.scope, one.metric, one.counts))


def _tightest(rows: Iterable[Headroom]) -> list[Headroom]:
    kept: dict[tuple[Metric, str], Headroom] = {}
    for row in rows:
        key = row.metric, row.counts
        held = kept.get(key)
        kept[key] = row if held is None or _is_tighter(row, held) else held
    return list(kept.values())


def _is_tighter(row: Headroom, held: Headroom) -> bool:
    if row.hard is None or held.hard is None:
        return held.hard is not None  # what cannot be told is shown rather than hidden
    return row.hard > held.hard if row.metric.is_floor else row.hard < held.hard


def _of(row: RiskLimit, use: Use, equity: Decimal | None, measured: ScopeRisk | None) -> Headroom:
    limit = row.value()
    each_order = limit.metric in OF_EACH_ORDER
    used, at = (None, "") if each_order else _used(row, limit.metric, use, measured)
    base = _day_start(use, equity, measured) if limit.metric is Metric.DAY_LOSS else equity
    factor = base if limit.of_equity else ONE
    is_money = limit.of_equity or limit.unit is Unit.MONEY
    is_known = each_order or (used is not None and factor is not None)
    return Headroom(
        limit_id=row.pk,
        scope=use.scope,
        metric=limit.metric,
        counts=row.instrument or row.currency,
        unit=Unit.MONEY.value if is_money else limit.unit.value,
        currency=use.currency if is_money else "",
        used=used,
        soft=None if limit.soft is None or factor is None else limit.soft * factor,
        hard=None if factor is None else limit.hard * factor,
        version=row.version,
        each_order=each_order,
        at=at,
        why="" if is_known else use.missing or (measured and measured.fault) or _unknown(use),
    )


def _unknown(use: Use) -> str:
    return NO_RATE if use.base_rate is None else NOT_MEASURED


def _day_start(use: Use, equity: Decimal | None, measured: ScopeRisk | None) -> Decimal | None:
    """Return the equity that a day's loss is a share of, as the check of it takes it."""
    if use.day_start is not None:
        return use.day_start
    lost = use.of_base(measured.day_loss) if measured else None
    return None if equity is None else equity + (lost or NOTHING)


def _used(row: RiskLimit, metric: Metric, use: Use, measured: ScopeRisk | None) -> tuple[Decimal | None, str]:
    """Return what a scope takes of a limit, and of which instrument where each one counts for itself.

    Gauges measure in the base currency; a limit of an account, and what it is compared with, is in its own.
    """
    if metric is Metric.POSITION:
        return _position(row, use)
    if metric in MEASURED:
        name = MEASURED[metric]
        return use.figures.get(name, use.of_base(getattr(measured, name, None))), ""
    if metric is Metric.DAY_LOSS:
        return _day_loss(use, measured), ""
    return _standing(row, metric, use), ""


def _day_loss(use: Use, measured: ScopeRisk | None) -> Decimal | None:
    """Return what was lost since 17:00 New York: an account's own, else what the newest gauge says."""
    own = use.day_loss if use.scope.startswith(ACCOUNT) else None
    return own if own is not None or measured is None else use.of_base(measured.day_loss)


def _standing(row: RiskLimit, metric: Metric, use: Use) -> Decimal | None:
    if metric is Metric.NET:
        return _net(row, use)
    if metric in LOSS_LEVELS:
        return use.drawdown
    if metric in COUNTED:
        return _figure(use, figure(COUNTED[metric], row.instrument))
    if metric is Metric.FREE_MARGIN:
        margin = _figure(use, "margin")
        return None if use.equity is None or margin is None else use.equity - margin
    return _figure(use, figure(SUMMED[metric], row.instrument))


def _figure(use: Use, name: str) -> Decimal | None:
    """Return a figure: nought where nothing takes any of it, None where nobody can tell."""
    if name in use.figures:
        return use.figures[name]
    return None if use.missing and not name.startswith(NEED_NO_PRICE) else NOTHING


def _net(row: RiskLimit, use: Use) -> Decimal | None:
    kind, key = ("currency", row.currency) if row.currency else ("net", row.instrument)
    sides = [_figure(use, figure(f"{kind}_{side}", key)) for side in ("long", "short")]
    known = [side for side in sides if side is not None]
    return max(known) if len(known) == len(sides) else None


def _position(row: RiskLimit, use: Use) -> tuple[Decimal, str]:
    """Return the lots that could be held of the named instrument, else of the one that stands highest."""
    lots: dict[str, Decimal] = {}
    for name, amount in use.figures.items():
        metric, _, instrument = name.partition("|")
        if metric in {"position_long", "position_short"} and row.instrument in {"", instrument}:
            lots[instrument] = max(amount, lots.get(instrument, NOTHING))
    if not lots:
        return NOTHING, ""
    highest = max(lots, key=lambda name: lots[name])
    return lots[highest], "" if row.instrument else highest
