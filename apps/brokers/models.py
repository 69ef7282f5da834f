"""Connections to venues, what their symbols mean to us, and when their health changed."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.brokers.domain.health import Health


class Environment(models.TextChoices):
    PAPER = "paper"
    LIVE = "live"


class Role(models.TextChoices):
    """Each connection has two sessions, so that orders never queue behind polls."""

    ORDERS = "orders"
    QUOTES = "quotes"


HEALTH = [(health.value, health.value) for health in Health]


class BrokerConnection(models.Model):
    """One account at one venue. `state` is that of its orders session, as the gateway last saw it."""

    slug = models.SlugField(unique=True)
    venue = models.CharField(max_length=24, default="mt5")
    profile = models.CharField(max_length=24, default="qoyyuum", help_text="vocabulary of the server")
    # By slug: `account_id` is the name that every door of the portfolio takes.
    account = models.ForeignKey(
        "portfolio.Account", to_field="slug", on_delete=models.PROTECT, related_name="+"
    )
    url = models.CharField(max_length=200)
    environment = models.CharField(max_length=8, choices=Environment, default=Environment.PAPER)
    enabled = models.BooleanField(default=True)
    accepts_orders = models.BooleanField(default=True)
    settings = models.JSONField(
        default=dict, blank=True, help_text="server offset, timeouts: facts of this venue"
    )
    state = models.CharField(max_length=12, choices=HEALTH, default=Health.DOWN.value)
    state_since_at = models.DateTimeField(null=True, blank=True)
    latency_ms = models.FloatField(null=True, blank=True)
    capabilities = models.JSONField(default=dict, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug


class SymbolMapping(models.Model):
    """A venue's own spelling of an instrument. Without a confirmed row an instrument is not traded there."""

    connection = models.ForeignKey(BrokerConnection, on_delete=models.CASCADE, related_name="symbols")
    instrument = models.CharField(max_length=32)
    symbol = models.CharField(max_length=32, blank=True, help_text="empty: find it at the next connect")
    confirmed = models.BooleanField(default=False)
    refusal = models.TextField(blank=True, help_text="why the desk does not use it")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("connection", "instrument")
        constraints = (
            models.UniqueConstraint(fields=["connection", "instrument"], name="one_mapping_per_instrument"),
            models.UniqueConstraint(
                fields=["connection", "symbol"], condition=~Q(symbol=""), name="one_mapping_per_symbol"
            ),
            models.CheckConstraint(
                condition=Q(confirmed=False) | ~Q(symbol=""), name="confirmed_mapping_has_symbol"
            ),
        )

    def __str__(self) -> str:
        return f"{self.instrument} = {self.symbol or '?'}"


class ConnectionCheck(models.Model):
    """A session changed its health. Rows are only added, and only on a change."""

    connection = models.ForeignKey(BrokerConnection, on_delete=models.CASCADE, related_name="checks")
    role = models.CharField(max_length=8, choices=Role)
    state = models.CharField(max_length=12, choices=HEALTH)
    detail = models.TextField(blank=True)
    latency_ms = models.FloatField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.connection_id} {self.role} {self.state}"


class GatewayLease(models.Model):
    """The one row that says which gateway may send: `fence` grows by one with every incarnation.

    The last gate reads it by SQL, without Django; the table's name is part of that agreement.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    fence = models.BigIntegerField()
    owner = models.CharField(max_length=120)
    taken_at = models.DateTimeField(db_default=Now())
    renewed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="one_gateway_lease"),)

    def __str__(self) -> str:
        return f"fence {self.fence} of {self.owner}"
