"""Trainings: asked for, under way, or over, and the weights of the seeds that were finished."""

from django.db import models
from django.db.models import F, Q

from apps.agents.models.agents import Agent
from apps.agents.models.policies import PolicyVersion


class TrainingRun(models.Model):
    """One training of one agent. While it runs it belongs to `owner`, who proves by heartbeats that it lives.

    Periods are desk time and half-open; where they are empty they are chosen when the run is claimed.
    """

    STATUSES = tuple((s, s) for s in ("queued", "running", "done", "failed", "cancelled", "interrupted"))
    ALIVE = ("queued", "running")
    DESK = "desk"  # who asks for the trainings of demonstrations

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="runs")
    status = models.CharField(max_length=16, choices=STATUSES, default="queued")
    config = models.JSONField(default=dict, help_text="Seeds, steps and what else differs from the defaults.")
    train_from = models.DateTimeField(null=True, blank=True)
    train_to = models.DateTimeField(null=True, blank=True)
    eval_from = models.DateTimeField(null=True, blank=True)
    eval_to = models.DateTimeField(null=True, blank=True)
    requested_by = models.CharField(max_length=80)
    deploy = models.BooleanField(default=False, help_text="Put the result on paper when it is done.")
    note = models.CharField(max_length=500, blank=True)
    progress = models.JSONField(default=dict)
    cancel_requested = models.CharField(max_length=80, blank=True, help_text="By whom.")
    owner = models.CharField(max_length=80, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    data_hash = models.CharField(max_length=64, blank=True)
    fingerprint = models.JSONField(
        default=dict, help_text="Builds, threads and processor: what equal weights need."
    )
    error = models.CharField(max_length=500, blank=True)
    version = models.ForeignKey(
        PolicyVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="trainings"
    )
    restart_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="restarts"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("agent",), condition=Q(status__in=("queued", "running")), name="one_training_an_agent"
            ),
            models.CheckConstraint(
                condition=Q(status__in=("queued", "running", "done", "failed", "cancelled", "interrupted")),
                name="training_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="running")
                | (~Q(owner="") & Q(heartbeat_at__isnull=False) & Q(started_at__isnull=False)),
                name="training_runs_under_an_owner",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("queued", "running")) ^ Q(finished_at__isnull=False),
                name="training_ends_when_finished",
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(version__isnull=False), name="training_done_has_version"
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(error=""), name="training_failed_says_why"
            ),
            models.CheckConstraint(
                condition=Q(train_to__isnull=True)
                | Q(eval_from__isnull=True)
                | Q(train_to__lte=F("eval_from")),
                name="training_before_evaluation",
            ),
        )
        indexes = (
            models.Index(fields=("status", "id"), name="training_by_status"),
            models.Index(fields=("agent", "-id"), name="training_by_agent"),
        )

    def __str__(self) -> str:
        return f"training {self.pk} of {self.agent}"


class SeedWeights(models.Model):
    """The weights of a seed, so that a restarted training need not repeat it. Only ever added."""

    run = models.ForeignKey(TrainingRun, on_delete=models.PROTECT, related_name="finished_seeds")
    seed = models.PositiveIntegerField()
    artefact = models.FileField(max_length=128)
    content_hash = models.CharField(max_length=64)
    curve = models.JSONField(default=list, help_text="[step, mean reward] points.")
    fingerprint = models.JSONField(default=dict)
    complete = models.BooleanField(default=True, help_text="False: the last good ones of what diverged.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("run", "seed")
        constraints = (models.UniqueConstraint(fields=("run", "seed"), name="one_result_a_seed"),)

    def __str__(self) -> str:
        return f"{self.run_id}: seed {self.seed}"
