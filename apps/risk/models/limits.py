"""Limits and sizing rules as staff keep them: a change ends a row and adds the next version."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.risk.domain.breaker import LossBase
from apps.risk.domain.limits import Limit, Metric, Unit
from apps.risk.domain.sizing import Rule
from apps.risk.models.fields import exact, plain

METRICS = [(metric.value, metric.value.replace("_", " ")) for metric in Metric]
UNITS = [(unit.value, unit.value) for unit in Unit]
LOSS_BASES = [(base.value, base.value.replace("_", " ")) for base in LossBase]
CURRENT = Q(ended_at__isnull=True)
BY_CURRENCY = (Metric.NET.value,)


class RiskLimit(models.Model):
    """One limit of one scope: `desk`, `account:<slug>` or `source:<source>`, which may end in `*`.

    Times are wall time. A floor (`min_free_margin`) is kept in `hard` as well.
    """

    scope = models.CharField(max_length=100)
    metric = models.CharField(max_length=24, choices=METRICS)
    instrument = models.CharField(max_length=32, blank=True)
    currency = models.CharField(max_length=8, blank=True)
    soft = exact(null=True, blank=True)
    hard = exact()
    unit = models.CharField(max_length=16, choices=UNITS)
    loss_base = models.CharField(max_length=16, choices=LOSS_BASES, default=LossBase.HIGH_WATER_MARK.value)
    version = models.PositiveIntegerField(default=1)
    effective_from = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    changed_by = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("scope", "metric", "instrument", "currency", "-version")
        constraints = (
            # NaN is above every number in PostgreSQL: an upper bound keeps it out.
            models.CheckConstraint(condition=Q(hard__gt=0, hard__lt=10**18), name="risk_limit_hard"),
            models.CheckConstraint(
                condition=Q(soft__isnull=True) | Q(soft__gt=0, soft__lt=10**18), name="risk_limit_soft"
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(changed_by=""), name="risk_limit_reason"),
            models.CheckConstraint(
                condition=Q(metric__in=[m.value for m in Metric]), name="risk_limit_metric"
            ),
            models.CheckConstraint(
                condition=~Q(metric__startswith="loss_") | Q(hard__lt=1, unit="share"), name="risk_limit_loss"
            ),
            models.CheckConstraint(condition=Q(unit__in=[u.value for u in Unit]), name="risk_limit_unit"),
            models.CheckConstraint(
                condition=Q(currency="") | Q(instrument="", metric__in=BY_CURRENCY),
                name="risk_limit_currency",
            ),
            models.UniqueConstraint(
                fields=("scope", "metric", "instrument", "currency"),
                condition=CURRENT,
                name="risk_limit_current",
            ),
            models.UniqueConstraint(
                fields=("scope", "metric", "instrument", "currency", "version"), name="risk_limit_version"
            ),
        )
        indexes = (models.Index(fields=("scope", "metric"), name="risk_limit_in_force", condition=CURRENT),)

    def __str__(self) -> str:
        named = self.instrument or self.currency
        of = f" of {named}" if named else ""
        return f"{self.get_metric_display()}{of} {plain(self.hard)} {self.unit} for {self.scope}"

    def value(self) -> Limit:
        return Limit(
            scope=self.scope,
            metric=Metric(self.metric),
            soft=self.soft,
            hard=self.hard,
            unit=Unit(self.unit),
            instrument=self.instrument,
            currency=self.currency,
            loss_base=LossBase(self.loss_base),
            version=self.version,
        )


class SizingRule(models.Model):
    """How large a source's positions may be. `source` may be `*` or end in it; the longest match counts.

    Shares are parts of one: `risk_fraction` of equity lost at the stop, `target_volatility` a year,
    `assumed_stop` of the price where a request names no stop (without it such a request is denied).
    """

    source = models.CharField(max_length=100)
    risk_fraction = exact(null=True, blank=True)
    target_volatility = exact(null=True, blank=True)
    assumed_stop = exact(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    effective_from = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    changed_by = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("source", "-version")
        constraints = (
            models.CheckConstraint(
                condition=Q(risk_fraction__isnull=False) | Q(target_volatility__isnull=False),
                name="risk_sizing_has_sizer",
            ),
            models.CheckConstraint(
                condition=Q(risk_fraction__isnull=True) | Q(risk_fraction__gt=0, risk_fraction__lte=1),
                name="risk_sizing_fraction",
            ),
            models.CheckConstraint(
                condition=Q(target_volatility__isnull=True)
                | Q(target_volatility__gt=0, target_volatility__lte=10),
                name="risk_sizing_volatility",
            ),
            models.CheckConstraint(
                condition=Q(assumed_stop__isnull=True) | Q(assumed_stop__gt=0, assumed_stop__lte=1),
                name="risk_sizing_stop",
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(changed_by=""), name="risk_sizing_reason"),
            models.UniqueConstraint(fields=("source",), condition=CURRENT, name="risk_sizing_current"),
            models.UniqueConstraint(fields=("source", "version"), name="risk_sizing_version"),
        )

    def __str__(self) -> str:
        parts = {"risk": self.risk_fraction, "volatility": self.target_volatility}
        named = ", ".join(f"{name} {plain(value)}" for name, value in parts.items() if value is not None)
        return f"sizing of {self.source}: {named}"

    def value(self) -> Rule:
        return Rule(
            source=self.source,
            risk_fraction=self.risk_fraction,
            target_volatility=self.target_volatility,
            assumed_stop=self.assumed_stop,
            version=self.version,
        )
