"""Limits as staff keep them: a change ends a row and adds the next version."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.risk.domain.breaker import LossBase
from apps.risk.domain.limits import Limit, Metric, Unit
from apps.risk.models.fields import exact, plain

METRICS = [(metric.value, metric.value.replace("_", " ")) for metric in Metric]
UNITS = [(unit.value, unit.value) for unit in Unit]
LOSS_BASES = [(base.value, base.value.replace("_", " ")) for base in LossBase]
CURRENT = Q(ended_at__isnull=True)
BY_CURRENCY = (Metric.NET.value,)


class RiskLimit(models.Model):
    """One limit of one scope: `desk`, `account:<slug>` or `source:<source>`, which may end in `*`.

    Times are wall time of the database, by which a row is in force or not. A floor (`min_free_margin`) is
    kept in `hard` as well.
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
    effective_from = models.DateTimeField(db_default=Now())
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
