"""Pages of venues: connections, what their symbols mean, and when their health changed."""

import secrets
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from apps.brokers import execution
from apps.brokers.errors import NothingToClose
from apps.brokers.models import BrokerConnection, ConnectionCheck, SymbolMapping
from apps.edges import dialogs, figures, tables
from apps.edges.ledgers import LedgerAdmin, LedgerInline, RecordAdmin
from apps.portfolio import books
from apps.risk.domain.verdict import Denied
from apps.risk.errors import Busy, Refused

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


class CloseDialog(dialogs.ReasonDialog):
    """Asks which position of the connection's account is closed."""

    position = forms.TypedChoiceField(coerce=int, widget=UnfoldAdminSelectWidget(), label="Position")
    field_order = ("position", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        account = BrokerConnection.objects.values_list("account__slug", flat=True).get(pk=self.object_id)
        self.fields["position"].choices = [
            (held.id, f"{held.instrument}: {figures.plain(held.quantity)} lots")
            for held in books.net_positions(account)
        ]


CLOSE: Any = {
    "title": "Close a position of this account",
    "description": "Your own part is closed first, then what agents hold on that side, in proportion. "
    "An agent that is active may open it again at its next bar.",
    "form_class": CloseDialog,
    "form_submit_text": "Close the position",
}


@admin.register(BrokerConnection)
class BrokerConnectionAdmin(Health, RecordAdmin):
    belongs: ClassVar = {"account": "account__slug"}
    list_display = (
        "slug", "venue", "account", "mode", "health", "since", "latency", "enabled", "accepts_orders",
        "last_error",
    )  # fmt: skip
    list_select_related = ("account",)
    list_filter = (("state", ChoicesDropdownFilter), ("environment", ChoicesDropdownFilter), "enabled")
    search_fields = ("slug", "venue", "account__slug")
    actions_detail = ("close",)
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

    def has_close_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "position.close", object_id)

    @action(
        description="Close a position", url_path="close", icon="exit_to_app", variant=ActionVariant.WARNING,
        permissions=["close"], dialog=CLOSE,
    )  # fmt: skip
    def close(self, request: HttpRequest, form: CloseDialog, object_id: str) -> HttpResponse:
        asked = form.cleaned_data

        def act() -> str:
            return _close(asked["position"], reason=asked["reason"], user=request.user)

        page = reverse("admin:brokers_brokerconnection_change", args=(object_id,))
        return dialogs.answer(request, to=page, act=act, errors=(NothingToClose, Busy, Refused))


def _close(position_id: int, *, reason: str, user: Any) -> str:
    position = books.find_position(position_id)
    if position is None:
        raise NothingToClose("This position is no longer there.")
    verdict = execution.close_position(
        position=position,
        source=f"user:{user.pk}",
        signal_key=f"close:{position_id}:{secrets.token_hex(8)}",
        reason=reason,
    )
    if isinstance(verdict, Denied):
        raise NothingToClose("; ".join(breach.text or breach.reason for breach in verdict.reasons))
    lots = figures.plain(verdict.quantity)
    return f"An order to close {lots} lots of {position.instrument} is on its way."


@admin.register(SymbolMapping)
class SymbolMappingAdmin(RecordAdmin):
    belongs: ClassVar = {"account": "connection__account__slug"}
    list_display = ("instrument", "connection", "symbol", "status", "refusal")
    list_select_related = ("connection",)
    list_filter = (("connection", RelatedDropdownFilter), "confirmed")
    search_fields = ("instrument", "symbol")

    @display(description="Status", label={"confirmed": "success", "refused": "danger", "open": "warning"})
    def status(self, row: SymbolMapping) -> str:
        return "refused" if row.refusal else "confirmed" if row.confirmed else "open"


@admin.register(ConnectionCheck)
class ConnectionCheckAdmin(Health, LedgerAdmin):
    belongs: ClassVar = {"account": "connection__account__slug"}
    list_display = ("created_at", "connection", "role", "health", "latency", "detail")
    list_select_related = ("connection",)
    list_filter = (
        ("connection", RelatedDropdownFilter),
        ("role", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("detail", FieldTextFilter),
    )
