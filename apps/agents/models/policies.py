"""Versions of policies: what decides, addressed by what it is."""

from django.db import models
from django.db.models import Q


class PolicyVersion(models.Model):
    """One policy, addressed by its content: the same rule and parameters, or the same weights, are the same.

    A rule is its name and parameters. A learned policy is a file in Django's storage under its own hash.
    """

    KINDS = (("rule", "rule"), ("learned", "learned"))

    name = models.CharField(max_length=64)
    number = models.PositiveIntegerField(help_text="Counts the versions of one name.")
    kind = models.CharField(max_length=16, choices=KINDS)
    rule = models.CharField(max_length=32, blank=True)
    parameters = models.JSONField(default=dict)
    feature_set = models.CharField(max_length=32)
    content_hash = models.CharField(max_length=64, unique=True)
    artefact = models.FileField(
        blank=True, max_length=128, help_text="Weights and normaliser, under their hash."
    )
    run = models.ForeignKey(
        "agents.TrainingRun", null=True, blank=True, on_delete=models.PROTECT, related_name="versions"
    )
    summary = models.JSONField(default=dict, help_text="Seeds, steps, periods and scores in short.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "-number")
        constraints = (
            models.UniqueConstraint(fields=("name", "number"), name="policy_name_number"),
            models.CheckConstraint(
                condition=(Q(kind="rule") & ~Q(rule="")) | (Q(kind="learned") & ~Q(artefact="")),
                name="policy_has_content",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class Evaluation(models.Model):
    """How a version did on a period it was not trained on, beside the baselines. Only ever added."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="evaluations")
    eval_from = models.DateTimeField(help_text="Desk time.")
    eval_to = models.DateTimeField(help_text="Desk time.")
    data_hash = models.CharField(max_length=64)
    cost_version = models.CharField(max_length=32)
    spread_label = models.CharField(max_length=64, help_text="Recorded, or which assumption.")
    rows = models.JSONField(help_text="The agent and each baseline: return, Sharpe, drawdown, costs.")
    equity = models.JSONField(help_text="Name to [epoch second, value] points.")
    drawdown = models.JSONField(help_text="Name to [epoch second, ratio] points.")
    members = models.JSONField(help_text="The same scores for each seed by itself.")
    note = models.CharField(max_length=500, blank=True)
    tear_sheet = models.FileField(blank=True, max_length=128)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(eval_to__gt=models.F("eval_from")), name="evaluation_has_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.version_id}: {self.eval_from:%Y-%m-%d} to {self.eval_to:%Y-%m-%d}"
