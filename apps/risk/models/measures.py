"""What risk measured: figures of every scope, and how the prices behind them move together."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from apps.risk.domain.breaker import BreakerLevel
from apps.risk.models.breakers import LEVELS
from apps.risk.models.fields import exact


class Measured(models.Model):
    """Figures of one scope: `desk`, `account:<slug>` or `source:<source>`. What is not known is missing.

    Money is in `currency`, the desk's base currency at every scope. `sigma`, `var` and `es` are those that
    limits use: one day, 99 %, every open entry on its own added. `covariance` is the version they stand on,
    `fault` says why some are missing. `figures` has what pages show beside: see `apps.risk.snapshots`.
    """

    scope = models.CharField(max_length=100)
    number = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=8, blank=True)
    level = models.SmallIntegerField(choices=LEVELS, default=BreakerLevel.NORMAL)
    equity = exact(null=True, blank=True)
    high_water_mark = exact(null=True, blank=True)
    drawdown = exact(null=True, blank=True)
    profit = exact(null=True, blank=True)
    day_loss = exact(null=True, blank=True)
    gross = exact(null=True, blank=True)
    net = exact(null=True, blank=True)
    margin_used = exact(null=True, blank=True)
    sigma = exact(null=True, blank=True)
    var = exact(null=True, blank=True)
    es = exact(null=True, blank=True)
    covariance = models.PositiveIntegerField(default=0)
    open_orders = models.PositiveIntegerField(default=0)
    marks_good = models.BooleanField()
    fault = models.CharField(max_length=200, blank=True)
    figures = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    desk_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.scope} {BreakerLevel(self.level).name} at {self.desk_at:%Y-%m-%d %H:%M:%S}"


class RiskGauge(Measured):
    """What a scope measured last: one row each, written anew every two seconds. Limits read it.

    `measured_at` is the wall time at which its reading began. `peak_profit` and `day_profit` are what the
    loss of a scope without a breaker of its own is counted from; `day_profit` belongs to `trading_day`.
    """

    measured_at = models.DateTimeField()
    peak_profit = exact(null=True, blank=True)
    day_profit = exact(null=True, blank=True)
    trading_day = models.DateField(null=True, blank=True)
    figured_at = models.DateTimeField(null=True, blank=True)

    class Meta(Measured.Meta):
        abstract = False
        ordering = ("scope",)
        constraints = (models.UniqueConstraint(fields=("scope",), name="risk_gauge_once"),)


class RiskSnapshot(Measured):
    """What a scope measured at one moment, kept once a minute. `account` is empty beside accounts."""

    account = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Measured.Meta):
        abstract = False
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("account", "-id"), name="risk_snapshot_latest"),
            models.Index(fields=("scope", "-id"), name="risk_snapshot_scope"),
        )


class Covariance(models.Model):
    """One day's log returns of every factor, and their covariance. Only ever added.

    `matrix` is n rows of n floats, `returns` one row of n floats for each of `days`, in the order of
    `factors`: text of a float is exact, so both come back bit for bit. `days_used` of them, the newest, made
    the matrix; `raised` of its eigenvalues were repaired. After `valid_until` (desk time) it is stale.
    """

    version = models.PositiveIntegerField()
    base = models.CharField(max_length=8)
    factors = models.JSONField()
    matrix = models.JSONField()
    returns = models.JSONField()
    days = models.JSONField()
    days_used = models.PositiveIntegerField()
    raised = models.PositiveIntegerField(default=0)
    first_day = models.DateField()
    last_day = models.DateField()
    valid_until = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(fields=("version",), name="risk_covariance_once"),
            models.CheckConstraint(
                condition=Q(days_used__gte=60, first_day__lte=models.F("last_day")),
                name="risk_covariance_days",
            ),
        )

    def __str__(self) -> str:
        return f"covariance {self.version} as of {self.last_day:%Y-%m-%d}"
