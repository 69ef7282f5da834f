"""What risk looked at and answered, order by order, and what it measured."""

from django.db import models
from django.db.models import Q

from apps.risk.domain.breaker import BreakerLevel
from apps.risk.models.breakers import LEVELS
from apps.risk.models.fields import exact


class RiskReview(models.Model):
    """One permit with everything it was judged by. Only ever added.

    `client_order_id` is empty where the request could not be a row. `quotes` are those used, with their
    desk times; `limit_versions` and `levels` name what was in force.
    """

    VERDICTS = (("approved", "approved"), ("denied", "denied"), ("refused", "refused"))

    client_order_id = models.CharField(max_length=24, blank=True)
    account = models.CharField(max_length=80)
    source = models.CharField(max_length=100)
    instrument = models.CharField(max_length=80)
    verdict = models.CharField(max_length=8, choices=VERDICTS)
    request = models.JSONField()
    reasons = models.JSONField(default=list, blank=True)
    results = models.JSONField(default=list, blank=True)
    sizing = models.JSONField(default=dict, blank=True)
    quotes = models.JSONField(default=dict, blank=True)
    levels = models.JSONField(default=dict, blank=True)
    limit_versions = models.JSONField(default=dict, blank=True)
    soft = models.BooleanField(default=False)
    elapsed_ms = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("client_order_id",), condition=~Q(client_order_id=""), name="risk_review_once"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=("approved", "denied", "refused")), name="risk_review_verdict"
            ),
        )
        indexes = (
            models.Index(fields=("account", "-id"), name="risk_review_account"),
            models.Index(fields=("source", "-id"), name="risk_review_source"),
            models.Index(fields=("verdict", "-id"), name="risk_review_verdicts"),
        )

    def __str__(self) -> str:
        return f"{self.verdict} {self.source} {self.instrument}"


class RiskSnapshot(models.Model):
    """What an account's risk measured at one moment, in its currency. Figures without a mark are missing."""

    account = models.CharField(max_length=80)
    level = models.SmallIntegerField(choices=LEVELS, default=BreakerLevel.NORMAL)
    equity = exact(null=True, blank=True)
    high_water_mark = exact(null=True, blank=True)
    drawdown = exact(null=True, blank=True)
    gross = exact(null=True, blank=True)
    net = exact(null=True, blank=True)
    margin_used = exact(null=True, blank=True)
    open_orders = models.PositiveIntegerField(default=0)
    marks_good = models.BooleanField()
    desk_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("account", "-id"), name="risk_snapshot_latest"),)

    def __str__(self) -> str:
        return f"{self.account} {BreakerLevel(self.level).name} at {self.desk_at:%Y-%m-%d %H:%M:%S}"
