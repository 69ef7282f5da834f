"""Agents, the versions of their policies, and what they wanted."""

from django.db import models
from django.db.models import Q


class PolicyVersion(models.Model):
    """One policy, addressed by its content: the same rule and parameters are the same version."""

    KINDS = (("rule", "rule"), ("learned", "learned"))

    name = models.CharField(max_length=64)
    number = models.PositiveIntegerField(help_text="Counts the versions of one name.")
    kind = models.CharField(max_length=16, choices=KINDS)
    rule = models.CharField(max_length=32, blank=True)
    parameters = models.JSONField(default=dict)
    feature_set = models.CharField(max_length=32)
    content_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "-number")
        constraints = (models.UniqueConstraint(fields=("name", "number"), name="policy_name_number"),)

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class Agent(models.Model):
    """One policy on one instrument, trading one account."""

    STAGES = (("research", "research"), ("paper", "paper"), ("retired", "retired"))
    STATES = (("active", "active"), ("paused", "paused"))

    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=128)
    account = models.CharField(max_length=64)
    instrument = models.CharField(max_length=32)
    timeframe = models.CharField(max_length=4)
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="agents")
    max_lots = models.DecimalField(
        max_digits=18, decimal_places=4, help_text="The most it may ask for; risk sizes below that."
    )
    stop_atr = models.DecimalField(
        max_digits=8, decimal_places=3, default=3, help_text="Distance of its stop in average true ranges."
    )
    stage = models.CharField(max_length=16, choices=STAGES, default="paper")
    state = models.CharField(max_length=16, choices=STATES, default="active")
    state_reason = models.CharField(max_length=500, blank=True)
    faults_in_a_row = models.PositiveIntegerField(default=0)
    last_bar_close_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("instrument", "slug")
        constraints = (models.CheckConstraint(condition=Q(max_lots__gt=0), name="agent_max_lots_positive"),)

    def __str__(self) -> str:
        return self.slug

    @property
    def source(self) -> str:
        """Return the name under which portfolio and risk know this agent."""
        return f"agent:{self.slug}"


class Signal(models.Model):
    """What an agent wanted at a closed bar, with what it saw: enough to decide it again."""

    OUTCOMES = (
        ("open", "open"),
        ("approved", "approved"),
        ("denied", "denied"),
        ("expired", "expired"),
        ("refused", "refused"),
    )

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="signals")
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="signals")
    bar_close_at = models.DateTimeField(help_text="Desk time.")
    target = models.FloatField()
    legs = models.JSONField()
    observation = models.JSONField(help_text="Column to value, as the policy saw it.")
    observation_hash = models.CharField(max_length=64)
    reference_price = models.DecimalField(max_digits=20, decimal_places=10)
    stop_distance = models.DecimalField(max_digits=20, decimal_places=10)
    outcome = models.CharField(max_length=16, choices=OUTCOMES, default="open")
    outcome_text = models.CharField(max_length=500, blank=True)
    announced_at = models.DateTimeField(null=True, help_text="Wall time at which the closed bar was visible.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("agent", "bar_close_at"), name="one_signal_a_bar"),)
        indexes = (models.Index(fields=("agent", "-id"), name="signal_by_agent"),)

    def __str__(self) -> str:
        return f"{self.agent_id}@{self.bar_close_at:%Y-%m-%d %H:%M}"

    @property
    def key(self) -> str:
        """Return the name of this intent; orders derive their one id from it."""
        return f"{self.bar_close_at:%Y%m%dT%H%M%S}"
