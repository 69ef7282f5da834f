"""Pages of venues: connections, what their symbols mean, and when their health changed."""

from typing import Any

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter, RelatedDropdownFilter
from unfold.decorators import display

from apps.brokers.models import BrokerConnection, ConnectionCheck, SymbolMapping
from apps.edges import figures, tables
from apps.edges.ledgers import LedgerAdmin, LedgerInline, RecordAdmin

HEALTH_LABELS = {"up": "success", "degraded": "warning", "down": "danger"}


class Health:
    @display(description="State", ordering="state", label=HEALTH_LABELS)
    def health(self, row: Any) -> str:
        return str(row.state)

    @display(description="Latency")
    def latency(self, row: Any) -> str:
        return figures.NONE if row.latency_ms is None else f"{row.latency_ms:.0f} ms"


class SymbolsInline(LedgerInline):
    model = SymbolMapping
    verbose_name_plural = "symbols"
    fields = ("instrument", "symbol", "confirmed", "refusal")
    readonly_fields = fields


class ChecksInline(Health, LedgerInline):
    model = ConnectionCheck
    verbose_name_plural = "health changes"
    fields = ("created_at", "role", "health", "latency", "detail")
    readonly_fields = fields
    per_page = 20


@admin.register(BrokerConnection)
class BrokerConnectionAdmin(Health, RecordAdmin):
    list_display = (
        "slug", "venue", "account", "mode", "health", "since", "latency", "enabled", "accepts_orders",
        "last_error",
    )  # fmt: skip
    list_select_related = ("account",)
    list_filter = (("state", ChoicesDropdownFilter), ("environment", ChoicesDropdownFilter), "enabled")
    search_fields = ("slug", "venue", "account__slug")
    inlines = (SymbolsInline, ChecksInline)
    readonly_fields = ("health", "since", "latency", "offers", "facts")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("slug", "account"),
                    ("venue", "profile"),
                    ("url", "environment"),
                    ("enabled", "accepts_orders"),
                    ("health", "since"),
                    ("latency", "last_error"),
                )
            },
        ),
        ("Capabilities", {"classes": ("tab",), "fields": ("offers",)}),
        ("Settings", {"classes": ("tab",), "fields": ("facts",)}),
    )

    @display(description="Environment", label={"paper": "warning", "live": "danger"})
    def mode(self, row: BrokerConnection) -> str:
        return str(row.environment)

    @display(description="Since (UTC)", ordering="state_since_at")
    def since(self, row: BrokerConnection) -> str:
        return figures.moment(row.state_since_at)

    @display(description="What the venue can do")
    def offers(self, row: BrokerConnection) -> str:
        return tables.pairs(row.capabilities)

    @display(description="Facts of this venue")
    def facts(self, row: BrokerConnection) -> str:
        return tables.pairs(row.settings)


@admin.register(SymbolMapping)
class SymbolMappingAdmin(RecordAdmin):
    list_display = ("instrument", "connection", "symbol", "status", "refusal")
    list_select_related = ("connection",)
    list_filter = (("connection", RelatedDropdownFilter), "confirmed")
    search_fields = ("instrument", "symbol")

    @display(description="Status", label={"confirmed": "success", "refused": "danger", "open": "warning"})
    def status(self, row: SymbolMapping) -> str:
        return "refused" if row.refusal else "confirmed" if row.confirmed else "open"


@admin.register(ConnectionCheck)
class ConnectionCheckAdmin(Health, LedgerAdmin):
    list_display = ("created_at", "connection", "role", "health", "latency", "detail")
    list_select_related = ("connection",)
    list_filter = (
        ("connection", RelatedDropdownFilter),
        ("role", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("detail", FieldTextFilter),
    )
