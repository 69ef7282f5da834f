"""Where the breaker of each scope stands, what moved it, and what people should look at."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from apps.risk.domain.breaker import BreakerLevel, LossBase
from apps.risk.models.fields import exact

LEVELS = [(level.value, level.name) for level in BreakerLevel]


class BreakerState(models.Model):
    """One row per scope: `desk`, `account:<slug>` or `agent:<slug>`. Changed under that scope's lock.

    Money is in the account's currency. `day_start` is the equity at 17:00 New York of `trading_day`;
    `flows` is all cash that no trade moved, as far as the bases have followed it. The gateway's last gate
    reads scope, level and epoch; every change of level raises `epoch`.
    """

    scope = models.CharField(max_length=100, unique=True)
    level = models.SmallIntegerField(choices=LEVELS, default=BreakerLevel.NORMAL)
    epoch = models.BigIntegerField(default=1)
    high_water_mark = exact(null=True, blank=True)
    day_start = exact(null=True, blank=True)
    initial = exact(null=True, blank=True)
    flows = exact(null=True, blank=True)
    trading_day = models.DateField(null=True, blank=True)
    equity = exact(null=True, blank=True)
    drawdown = exact(default=0)
    loss_base = models.CharField(max_length=16, default=LossBase.HIGH_WATER_MARK.value)
    cause = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)
    evaluated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("scope",)
        constraints = (
            models.CheckConstraint(condition=Q(level__gte=0, level__lte=3), name="risk_breaker_level"),
            models.CheckConstraint(condition=Q(epoch__gte=1), name="risk_breaker_epoch"),
            models.CheckConstraint(
                condition=Q(drawdown__gte=0, drawdown__lt=10**9), name="risk_breaker_loss"
            ),
        )

    def __str__(self) -> str:
        return f"{self.scope} {BreakerLevel(self.level).name}"


class BreakerEvent(models.Model):
    """One change of a breaker, or a call for one. Only ever added; enforcement reads on from its last id."""

    scope = models.CharField(max_length=100)
    kind = models.CharField(max_length=16)
    old_level = models.SmallIntegerField(choices=LEVELS)
    new_level = models.SmallIntegerField(choices=LEVELS)
    epoch = models.BigIntegerField()
    cause = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    equity = exact(null=True, blank=True)
    high_water_mark = exact(null=True, blank=True)
    drawdown = exact(default=0)
    detail = models.JSONField(default=dict, blank=True)
    desk_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(old_level__gte=0, old_level__lte=3, new_level__gte=0, new_level__lte=3),
                name="risk_event_levels",
            ),
            models.CheckConstraint(condition=~Q(cause="") & ~Q(by=""), name="risk_event_cause"),
        )
        indexes = (models.Index(fields=("scope", "-id"), name="risk_event_of_scope"),)

    def __str__(self) -> str:
        old, new = BreakerLevel(self.old_level).name, BreakerLevel(self.new_level).name
        return f"{self.scope} {self.kind}: {old} to {new}"


class Alert(models.Model):
    """Something that a person should look at, once while it lasts: `key` is unique among open alerts.

    `scope` is whose it is, as a breaker's: who may not see that account or agent does not see the alert.
    """

    LEVELS = (("info", "info"), ("warning", "warning"), ("critical", "critical"))

    level = models.CharField(max_length=8, choices=LEVELS)
    rule = models.CharField(max_length=40)
    scope = models.CharField(max_length=100, default="desk")
    key = models.CharField(max_length=160)
    text = models.CharField(max_length=500)
    count = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("key",), condition=Q(closed_at__isnull=True), name="risk_alert_open_once"
            ),
            models.CheckConstraint(
                condition=Q(level__in=("info", "warning", "critical")), name="risk_alert_level"
            ),
            models.CheckConstraint(condition=Q(last_at__gte=F("opened_at")), name="risk_alert_times"),
        )
        indexes = (models.Index(fields=("rule", "-id"), name="risk_alert_of_rule"),)

    def __str__(self) -> str:
        return f"{self.level} {self.rule}: {self.text[:80]}"


class WatchMark(models.Model):
    """How far the watch has read in another app's facts."""

    name = models.CharField(max_length=40, unique=True)
    last_id = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name} up to {self.last_id}"
