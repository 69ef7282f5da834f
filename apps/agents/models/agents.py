"""Agents, what was done with them, and what they wanted."""

from django.db import models
from django.db.models import Q

from apps.agents.models.policies import PolicyVersion


class Agent(models.Model):
    """One policy on one instrument, trading one account. In stage research it has no policy yet."""

    STAGES = (("research", "research"), ("paper", "paper"), ("retired", "retired"))
    STATES = (("active", "active"), ("paused", "paused"))

    slug = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=128)
    account = models.CharField(max_length=64)
    instrument = models.CharField(max_length=32)
    timeframe = models.CharField(max_length=4)
    version = models.ForeignKey(
        PolicyVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="agents"
    )
    max_lots = models.DecimalField(
        max_digits=18, decimal_places=4, help_text="The most it may ask for; risk sizes below that."
    )
    stop_atr = models.DecimalField(
        max_digits=8, decimal_places=3, default=3, help_text="Distance of its stop in average true ranges."
    )
    stage = models.CharField(max_length=16, choices=STAGES, default="paper")
    state = models.CharField(max_length=16, choices=STATES, default="active")
    state_reason = models.CharField(max_length=500, blank=True)
    note = models.CharField(max_length=500, blank=True, help_text="What a reader of its page should know.")
    faults_in_a_row = models.PositiveIntegerField(default=0)
    last_bar_close_at = models.DateTimeField(null=True, blank=True)
    last_signal_at = models.DateTimeField(
        null=True, blank=True, help_text="Desk time of its newest signal's bar."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("instrument", "slug")
        permissions = (("operate_agent", "Can operate the agent"),)
        constraints = (
            models.CheckConstraint(condition=Q(max_lots__gt=0), name="agent_max_lots_positive"),
            models.CheckConstraint(
                condition=~Q(stage="paper") | Q(version__isnull=False), name="agent_on_paper_has_policy"
            ),
        )

    def __str__(self) -> str:
        return self.slug

    @property
    def source(self) -> str:
        """Return the name under which portfolio and risk know this agent."""
        return f"agent:{self.slug}"

    @property
    def policy(self) -> PolicyVersion:
        """Return its version. Only for an agent that trades: one in research has none."""
        if self.version is None:
            raise ValueError(f"{self.slug} has no policy yet")
        return self.version


class AgentEvent(models.Model):
    """Who did what with an agent, when and why. Only ever added."""

    KINDS = (("made", "made"), ("deployed", "deployed"), ("paused", "paused"), ("resumed", "resumed"))

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16, choices=KINDS)
    by = models.CharField(max_length=80)
    reason = models.CharField(max_length=500)
    old_version = models.ForeignKey(PolicyVersion, null=True, on_delete=models.PROTECT, related_name="+")
    new_version = models.ForeignKey(PolicyVersion, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("agent", "-id"), name="event_by_agent"),)

    def __str__(self) -> str:
        return f"{self.agent_id} {self.kind} by {self.by}"


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
