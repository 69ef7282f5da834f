"""Pages of what agents wanted."""

from typing import ClassVar

from django.contrib import admin
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter, RelatedDropdownFilter
from unfold.decorators import display

from apps.agents.models import Signal
from apps.edges import figures, tables
from apps.edges.ledgers import LedgerAdmin


@admin.register(Signal)
class SignalAdmin(LedgerAdmin):
    belongs: ClassVar = {"agent": "agent__slug"}
    list_display = ("bar", "agent", "version", "wish", "target_shown", "result", "outcome_text", "recorded")
    list_display_links = ("bar",)
    list_select_related = ("agent", "version")
    list_filter = (
        ("outcome", ChoicesDropdownFilter),
        ("agent", RelatedDropdownFilter),
        ("bar_close_at", RangeDateTimeFilter),
    )
    search_fields = ("agent__slug", "outcome_text")
    readonly_fields = ("result", "wish", "price", "stop", "legs_shown", "seen", "order_link")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("agent", "version"),
                    ("bar_close_at", "announced_at", "created_at"),
                    ("target", "result", "outcome_text"),
                    ("price", "stop", "order_link"),
                    "legs_shown",
                )
            },
        ),
        ("What it saw", {"classes": ("tab",), "fields": ("observation_hash", "seen")}),
    )

    @display(description="Bar (desk time)", ordering="bar_close_at")
    def bar(self, signal: Signal) -> str:
        return figures.moment(signal.bar_close_at)

    @display(description="Recorded (UTC)", ordering="created_at")
    def recorded(self, signal: Signal) -> str:
        return figures.moment(signal.created_at)

    @display(description="Target", ordering="target")
    def target_shown(self, signal: Signal) -> str:
        return f"{signal.target:+.2f}"

    @display(
        description="Outcome",
        ordering="outcome",
        label={
            "approved": "success",
            "denied": "danger",
            "open": "info",
            "expired": "warning",
            "refused": "danger",
        },
    )
    def result(self, signal: Signal) -> str:
        return str(signal.outcome)

    @display(description="Wants")
    def wish(self, signal: Signal) -> str:
        return ", ".join(f"{leg['side']} {figures.trim(leg['quantity'])}" for leg in signal.legs) or "nothing"

    @display(description="Reference price")
    def price(self, signal: Signal) -> str:
        return figures.plain(signal.reference_price)

    @display(description="Stop distance")
    def stop(self, signal: Signal) -> str:
        return figures.plain(signal.stop_distance)

    @display(description="Legs")
    def legs_shown(self, signal: Signal) -> str:
        return tables.table(
            ("Leg", "Side", "Lots", "Only reduces"),
            (
                [tables.text_of(leg, key) for key in ("number", "side", "quantity", "reduce_only")]
                for leg in signal.legs
            ),
        )

    @display(description="Observation")
    def seen(self, signal: Signal) -> str:
        return tables.pairs(signal.observation, names=("Feature", "Value"))

    @display(description="Orders")
    def order_link(self, signal: Signal) -> str:
        return tables.link(
            "orders of this agent", reverse("admin:portfolio_order_changelist"), source=signal.agent.source
        )
