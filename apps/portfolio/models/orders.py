"""Orders, what happened to them, the room they hold, and their fills."""

from django.db import models
from django.db.models import F, Q

from apps.portfolio.domain.order import MOVES, OrderStatus, OrderType, Side
from apps.portfolio.domain.report import FillReason
from apps.portfolio.models.accounts import Account
from apps.portfolio.models.fields import exact

STATUSES = [(status.value, status.value) for status in OrderStatus]
SIDES = [(side.value, side.value) for side in Side]
OPEN = [status.value for status in OrderStatus if MOVES[status]]


class Order(models.Model):
    """An order is born with risk's verdict and moves only where the table of moves has a way.

    `requested_at` is desk time; `sent_at`, `unknown_at` and `created_at` are wall time. Deadlines are
    nanoseconds of CLOCK_BOOTTIME on the boot named by `boot_id`: on another boot they have passed.
    `client_ref` is a client's own name for it, `policy` the version of the policy that wanted it. `amendment`
    is what the venue has been asked to change it to and has not answered yet; `revision` counts those.
    """

    client_order_id = models.CharField(max_length=24, unique=True)
    number = models.BigIntegerField(unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="orders")
    source = models.CharField(max_length=80)
    signal_key = models.CharField(max_length=120)
    leg = models.SmallIntegerField(default=0)
    client_ref = models.CharField(max_length=64, blank=True)
    policy = models.CharField(max_length=80, blank=True)
    revision = models.PositiveSmallIntegerField(default=0)
    amendment = models.JSONField(null=True, blank=True)
    review_id = models.BigIntegerField(null=True, blank=True)

    instrument = models.CharField(max_length=32)
    side = models.CharField(max_length=4, choices=SIDES)
    order_type = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in OrderType])
    requested_quantity = exact()
    quantity = exact()
    price = exact(null=True, blank=True)
    stop_loss = exact(null=True, blank=True)
    take_profit = exact(null=True, blank=True)
    reduce_only = models.BooleanField(default=False)
    is_entry = models.BooleanField(default=True)
    ticket = models.CharField(max_length=64, blank=True)

    status = models.CharField(max_length=20, choices=STATUSES)
    reasons = models.JSONField(default=list, blank=True)
    filled = exact(default=0)
    average_price = exact(null=True, blank=True)
    venue_order_id = models.CharField(max_length=64, blank=True)
    late_fill = models.BooleanField(default=False)
    overfill = models.BooleanField(default=False)

    breaker_epochs = models.JSONField(default=dict, blank=True)
    limit_versions = models.JSONField(default=dict, blank=True)
    owner = models.CharField(max_length=80, blank=True)
    fence = models.BigIntegerField(null=True, blank=True)
    boot_id = models.CharField(max_length=36, blank=True)
    deadline_boottime_ns = models.BigIntegerField(default=0)
    lease_boottime_ns = models.BigIntegerField(default=0)
    lease_boot_id = models.CharField(max_length=36, blank=True)

    requested_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    unknown_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("account", "source", "signal_key", "leg"), name="portfolio_order_signal_once"
            ),
            models.UniqueConstraint(
                fields=("account", "client_ref"),
                condition=~Q(client_ref=""),
                name="portfolio_order_client_ref",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0) | Q(status=OrderStatus.DENIED), name="portfolio_order_quantity"
            ),
            models.CheckConstraint(condition=Q(filled__gte=0), name="portfolio_order_filled"),
            models.CheckConstraint(
                condition=Q(filled__lte=F("quantity")) | Q(overfill=True), name="portfolio_order_overfill"
            ),
            models.CheckConstraint(
                condition=~Q(status=OrderStatus.SENDING) | (Q(fence__isnull=False) & ~Q(owner="")),
                name="portfolio_order_sender",
            ),
            models.CheckConstraint(
                condition=Q(status=OrderStatus.REPLACE_PENDING, amendment__isnull=False)
                | (~Q(status=OrderStatus.REPLACE_PENDING) & Q(amendment__isnull=True)),
                name="portfolio_order_amendment",
            ),
        )
        indexes = (
            models.Index(
                fields=("account", "status"), name="portfolio_order_open", condition=Q(status__in=OPEN)
            ),
            models.Index(fields=("id",), name="portfolio_order_queue", condition=Q(status="approved")),
            models.Index(fields=("account", "venue_order_id"), name="portfolio_order_venue_id"),
            models.Index(fields=("source", "-id"), name="portfolio_order_source"),
            models.Index(fields=("source", "requested_at"), name="portfolio_order_lately"),
            models.Index(
                fields=("policy", "instrument"), name="portfolio_order_policy", condition=~Q(policy="")
            ),
            models.Index(
                fields=("instrument", "side"), name="portfolio_order_meets", condition=Q(status__in=OPEN)
            ),
        )

    def __str__(self) -> str:
        return f"{self.client_order_id} {self.side} {self.quantity.normalize():f} {self.instrument}"


class OrderEvent(models.Model):
    """One thing that happened to an order. Only ever added; other floors read on from the last id."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=24)
    old_status = models.CharField(max_length=20, blank=True)
    new_status = models.CharField(max_length=20)
    detail = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("order", "-id"), name="portfolio_event_of_order"),
            models.Index(fields=("kind", "-id"), name="portfolio_event_of_kind"),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.old_status or 'start'} to {self.new_status}"


class Reservation(models.Model):
    """The room an order holds: open lots at the reserved price. Nothing open, nothing held.

    `uses` is what the whole order took of `desk` and `source` when it was permitted, figure by figure, as
    text; what is open of it is freed in proportion.
    """

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="reservation")
    quantity = exact()
    price = exact()
    margin = exact()
    uses = models.JSONField(default=dict, db_default={}, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(quantity__gte=0, margin__gte=0), name="portfolio_reservation_sign"
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity.normalize():f} at {self.price.normalize():f}"


class Fill(models.Model):
    """One execution, as the venue booked it. Only ever added.

    `shares` says whose virtual positions it moved, in signed lots by source.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="fills")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="fills")
    execution_id = models.CharField(max_length=64)
    venue_order_id = models.CharField(max_length=64, blank=True)
    venue_position_id = models.CharField(max_length=64, blank=True)
    client_number = models.BigIntegerField(default=0)
    instrument = models.CharField(max_length=32)
    side = models.CharField(max_length=4, choices=SIDES)
    quantity = exact()
    price = exact()
    profit = exact()
    commission = exact()
    swap = exact()
    fee = exact()
    reason = models.CharField(max_length=16, choices=[(reason.value, reason.value) for reason in FillReason])
    shares = models.JSONField(default=dict)
    late = models.BooleanField(default=False)
    executed_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("account", "execution_id"), name="portfolio_fill_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="portfolio_fill_quantity"),
        )
        indexes = (models.Index(fields=("account", "executed_at"), name="portfolio_fill_time"),)

    def __str__(self) -> str:
        return f"{self.side} {self.quantity.normalize():f} {self.instrument} at {self.price.normalize():f}"


class Ticket(models.Model):
    """One open position of the venue, as its fills add up to `lots` (signed); a closed one has no row.

    `price` is the average of what opened it. The database writes it with each fill, so that what is open need
    not be added up from all fills.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="tickets")
    instrument = models.CharField(max_length=32)
    ticket = models.CharField(max_length=64, blank=True)
    lots = exact()
    price = exact()
    opened_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account", "instrument", "ticket"), name="portfolio_ticket_once"),
        )

    def __str__(self) -> str:
        return f"{self.account.slug} {self.instrument} {self.ticket}: {self.lots:f}"
