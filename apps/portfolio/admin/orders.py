"""Orders and fills, each with all that belongs to it."""

from typing import Any, ClassVar

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    FieldTextFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from apps.edges import figures, tables
from apps.edges.ledgers import LedgerAdmin, LedgerInline
from apps.portfolio.admin.cancelling import Cancelling
from apps.portfolio.domain.terms import NAMES
from apps.portfolio.models import Fill, Order, OrderEvent, Reservation

SIDE_LABELS = {"buy": "info", "sell": "warning"}
STATUS_LABELS = {
    "filled": "success",
    "accepted": "info",
    "partially_filled": "info",
    "approved": "info",
    "sending": "info",
    "denied": "danger",
    "rejected": "danger",
    "unknown": "warning",
    "cancel_pending": "warning",
}


class Figures:
    """Columns that most pages of this app share."""

    @display(description="Side", ordering="side", label=SIDE_LABELS)
    def way(self, row: Any) -> str:
        return str(row.side)

    @display(description="Lots", ordering="quantity")
    def lots(self, row: Any) -> str:
        return figures.plain(row.quantity)

    @display(description="Price", ordering="price")
    def at_price(self, row: Any) -> str:
        return figures.plain(row.price)

    @display(description="Recorded (UTC)", ordering="pk")
    def recorded(self, row: Any) -> str:
        return figures.moment(row.created_at)


class EventsInline(Figures, LedgerInline):
    model = OrderEvent
    verbose_name_plural = "events"
    fields = ("recorded", "kind", "old_status", "new_status", "detail")
    readonly_fields = fields
    ordering = ("pk",)


class FillsInline(Figures, LedgerInline):
    model = Fill
    verbose_name_plural = "fills"
    fields = ("recorded", "execution_id", "way", "lots", "at_price", "result", "commission", "reason")
    readonly_fields = fields

    @display(description="Profit")
    def result(self, fill: Fill) -> str:
        return figures.gain(fill.profit)


class ReservationInline(LedgerInline):
    model = Reservation
    verbose_name_plural = "reserved room"
    fields = ("room", "at", "margin_held", "updated_at")
    readonly_fields = fields

    @display(description="Lots")
    def room(self, row: Reservation) -> str:
        return figures.plain(row.quantity)

    @display(description="Price")
    def at(self, row: Reservation) -> str:
        return figures.plain(row.price)

    @display(description="Margin")
    def margin_held(self, row: Reservation) -> str:
        return figures.money(row.margin)


@admin.register(Order)
class OrderAdmin(Cancelling, Figures, LedgerAdmin):
    belongs: ClassVar = {"account": "account__slug"}
    list_display = (
        "recorded", "source", "instrument", "way", "lots", "done", "average", "state", "why", "account",
        "client_order_id", "client_ref",
    )  # fmt: skip
    list_display_links = ("recorded", "client_order_id")
    list_select_related = ("account",)
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("side", ChoicesDropdownFilter),
        ("account", RelatedDropdownFilter),
        ("instrument", FieldTextFilter),
        ("source", FieldTextFilter),
        ("client_ref", FieldTextFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("client_order_id", "client_ref", "venue_order_id", "source", "instrument")
    inlines: ClassVar[list[type]] = [EventsInline, FillsInline, ReservationInline]
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("client_order_id", "source"),
                    ("account", "review"),
                    ("instrument", "side", "order_type"),
                    ("asked", "lots", "done"),
                    ("at_price", "average", "state"),
                    ("stop", "target", "is_entry"),
                    "denial",
                )
            },
        ),
        (
            "Sending",
            {
                "classes": ("tab",),
                "fields": (
                    ("requested", "recorded"),
                    ("sent", "doubted"),
                    ("owner", "fence"),
                    ("signal_key", "leg"),
                    ("client_ref", "policy"),
                    ("revision", "asked_change"),
                    ("number", "venue_order_id"),
                    ("reduce_only", "ticket"),
                    ("late_fill", "overfill"),
                    "epochs",
                ),
            },
        ),
    )
    readonly_fields = (
        "review", "asked", "lots", "done", "at_price", "average", "state", "stop", "target", "denial",
        "epochs", "requested", "recorded", "sent", "doubted", "asked_change",
    )  # fmt: skip

    @display(description="Status", ordering="status", label=STATUS_LABELS)
    def state(self, order: Order) -> str:
        return str(order.status)

    @display(description="Asked")
    def asked(self, order: Order) -> str:
        return figures.plain(order.requested_quantity)

    @display(description="Filled", ordering="filled")
    def done(self, order: Order) -> str:
        return figures.plain(order.filled)

    @display(description="Average", ordering="average_price")
    def average(self, order: Order) -> str:
        return figures.plain(order.average_price)

    @display(description="Requested (desk time)")
    def requested(self, order: Order) -> str:
        return figures.moment(order.requested_at)

    @display(description="Sent (UTC)")
    def sent(self, order: Order) -> str:
        return figures.moment(order.sent_at)

    @display(description="In doubt since (UTC)")
    def doubted(self, order: Order) -> str:
        return figures.moment(order.unknown_at)

    @display(description="Stop loss")
    def stop(self, order: Order) -> str:
        return figures.plain(order.stop_loss)

    @display(description="Take profit")
    def target(self, order: Order) -> str:
        return figures.plain(order.take_profit)

    @display(description="Reason")
    def why(self, order: Order) -> str:
        reasons = order.reasons if isinstance(order.reasons, list) else []
        return ", ".join(str(reason.get("check", "")) for reason in reasons if isinstance(reason, dict))

    @display(description="Why it was denied")
    def denial(self, order: Order) -> str:
        return tables.breaches(order.reasons)

    @display(description="Change that its venue has not answered")
    def asked_change(self, order: Order) -> str:
        asked = order.amendment or {}
        return tables.pairs({name: asked[name] for name in NAMES if asked.get(name)}, names=("Term", "To"))

    @display(description="Breaker epochs it was approved under")
    def epochs(self, order: Order) -> str:
        return tables.pairs(order.breaker_epochs, names=("Scope", "Epoch"))

    @display(description="Risk review")
    def review(self, order: Order) -> str:
        if order.review_id is None:
            return figures.NONE
        link = reverse("admin:risk_riskreview_change", args=(order.review_id,))
        return format_html('<a class="text-link" href="{}">review {}</a>', link, order.review_id)


@admin.register(Fill)
class FillAdmin(Figures, LedgerAdmin):
    belongs: ClassVar = {"account": "account__slug"}
    list_display = (
        "recorded", "execution_id", "account", "client", "instrument", "way", "lots", "at_price",
        "result", "cost", "reason", "lateness",
    )  # fmt: skip
    list_display_links = ("execution_id",)
    list_select_related = ("account", "order")
    list_filter = (
        ("reason", ChoicesDropdownFilter),
        ("side", ChoicesDropdownFilter),
        ("account", RelatedDropdownFilter),
        ("instrument", FieldTextFilter),
        "late",
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("execution_id", "venue_order_id", "instrument", "order__client_order_id")
    readonly_fields = ("owners",)
    exclude = ("shares",)

    @display(description="Order")
    def client(self, fill: Fill) -> str:
        return fill.order.client_order_id

    @display(description="Late", label={"late": "warning"})
    def lateness(self, fill: Fill) -> str:
        return "late" if fill.late else ""

    @display(description="Profit", ordering="profit")
    def result(self, fill: Fill) -> str:
        return figures.gain(fill.profit)

    @display(description="Costs")
    def cost(self, fill: Fill) -> str:
        return figures.gain(fill.commission + fill.swap + fill.fee)

    @display(description="Whose positions it moved")
    def owners(self, fill: Fill) -> str:
        return tables.pairs(fill.shares, names=("Source", "Signed lots"))
