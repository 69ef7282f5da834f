"""Accounts, what they hold, and the money that moved."""

from django.db import models

from apps.portfolio.models.fields import exact


class Environment(models.TextChoices):
    PAPER = "paper", "paper"
    LIVE = "live", "live"


class Pack(models.TextChoices):
    """Whose rules protect the account's owner; chosen when the account is made."""

    PROFESSIONAL = "professional", "professional"
    ESMA_RETAIL = "esma_retail", "ESMA retail"
    US_RETAIL = "us_retail", "US retail"


class Account(models.Model):
    """`cash` is the sum of what the venue booked; only fills and cash movements change it.

    Orders of one `owner` at one `venue` may not meet each other. `venue_equity` is what the venue last said
    the account is worth, in `currency`, read at `venue_equity_at` (wall time); null where it never said.
    """

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    currency = models.CharField(max_length=8)
    login = models.CharField(max_length=64, blank=True)
    hedging = models.BooleanField(default=False)
    environment = models.CharField(max_length=8, choices=Environment, default=Environment.PAPER)
    cash = exact(default=0)
    venue_equity = exact(null=True, blank=True)
    venue_equity_at = models.DateTimeField(null=True, blank=True)
    leverage = exact(default=1)
    owner = models.CharField(max_length=40, default="desk")
    venue = models.CharField(max_length=40, blank=True)
    pack = models.CharField(max_length=16, choices=Pack, default=Pack.PROFESSIONAL)
    enabled = models.BooleanField(default=True)
    entries_blocked = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("slug",)
        permissions = (("trade_account", "Can trade on the account"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(leverage__gt=0), name="portfolio_account_leverage"),
        )

    def __str__(self) -> str:
        return self.slug


class Position(models.Model):
    """Signed lots. `source` is empty for the account's net row, else whose virtual position it is."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="positions")
    instrument = models.CharField(max_length=32)
    source = models.CharField(max_length=80, blank=True)
    quantity = exact(default=0)
    average_price = exact(default=0)
    realized = exact(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("account", "instrument", "source")
        constraints = (
            models.UniqueConstraint(
                fields=("account", "instrument", "source"), name="portfolio_position_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id} {self.source or 'net'} {self.quantity.normalize():f} {self.instrument}"


class CashFlow(models.Model):
    """Money that no trade moved, as the venue booked it. Only ever added."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="cash_flows")
    movement_id = models.CharField(max_length=64)
    amount = exact()
    kind = models.CharField(max_length=24, default="balance")
    moved_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("account", "movement_id"), name="portfolio_cash_flow_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.amount.normalize():f}"


class EquitySnapshot(models.Model):
    """What the account was worth at closing prices. `desk_at` is desk time, `created_at` wall time."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="snapshots")
    cash = exact()
    open_profit = exact()
    equity = exact()
    margin_used = exact()
    gross = exact()
    desk_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("account", "-id"), name="portfolio_snapshot_latest"),)

    def __str__(self) -> str:
        return f"{self.equity:.2f} at {self.desk_at:%Y-%m-%d %H:%M:%S}"
