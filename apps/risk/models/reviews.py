"""What risk looked at and answered, order by order."""

from django.db import models
from django.db.models import Q


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
