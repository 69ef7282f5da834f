"""Alerts: what a person should look at."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter, RangeDateTimeFilter
from unfold.decorators import action, display

from apps.edges import dialogs, figures, rights
from apps.edges.ledgers import LedgerAdmin
from apps.risk import alerts
from apps.risk.models import Alert


class OpenFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "open"), ("closed", "closed")]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        return queryset if self.value() is None else queryset.filter(closed_at__isnull=self.value() == "open")


@admin.register(Alert)
class AlertAdmin(LedgerAdmin):
    belongs: ClassVar = {"scope": "scope"}
    list_display = ("opened", "weight", "rule", "scope", "text", "count", "last_seen", "status", "closed_by")
    list_display_links = ("text",)
    list_filter = (
        OpenFilter,
        ("level", ChoicesDropdownFilter),
        ("rule", FieldTextFilter),
        ("scope", FieldTextFilter),
        ("opened_at", RangeDateTimeFilter),
    )
    search_fields = ("text", "key", "rule")
    actions_detail = ("acknowledge",)
    actions_row = ("acknowledge",)

    @display(description="Opened (UTC)", ordering="pk")
    def opened(self, alert: Alert) -> str:
        return figures.moment(alert.opened_at)

    @display(
        description="Level",
        ordering="level",
        label={"info": "info", "warning": "warning", "critical": "danger"},
    )
    def weight(self, alert: Alert) -> str:
        return str(alert.level)

    @display(description="Last seen (UTC)", ordering="last_at")
    def last_seen(self, alert: Alert) -> str:
        return figures.moment(alert.last_at)

    @display(description="State", label={"open": "danger", "closed": "success"})
    def status(self, alert: Alert) -> str:
        return "closed" if alert.closed_at else "open"

    def has_acknowledge_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "alert.acknowledge", object_id)

    @action(
        description="Acknowledge", url_path="acknowledge", icon="done", permissions=["acknowledge"],
        dialog={
            "title": "Acknowledge this alert",
            "description": "It is closed under your name. What still lasts raises it again.",
            "form_class": dialogs.NoteDialog,
            "form_submit_text": "Acknowledge",
        },
    )  # fmt: skip
    def acknowledge(self, request: HttpRequest, form: dialogs.NoteDialog, object_id: str) -> HttpResponse:
        del form
        key = Alert.objects.values_list("key", flat=True).get(pk=object_id)

        def act() -> str:
            closed = alerts.close_alert(key=key, by=rights.actor(request.user))
            return "The alert is closed." if closed else "It was closed already."

        return dialogs.answer(request, to=reverse("admin:risk_alert_changelist"), act=act, errors=())
