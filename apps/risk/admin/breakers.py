"""Breakers: where each scope stands, and the dialogs that trip and reset them."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter, RangeDateTimeFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget

from apps.edges import dialogs, figures, rights, tables
from apps.edges.ledgers import LedgerAdmin, RecordAdmin
from apps.risk import breakers, overview
from apps.risk.admin.proposing import propose
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.change import ChangeKind
from apps.risk.errors import RiskError
from apps.risk.models import BreakerEvent, BreakerState

LEVEL_LABELS = {"NORMAL": "success", "WARNING": "warning", "REDUCING": "warning", "HALTED": "danger"}
CONSEQUENCES = (
    (BreakerLevel.WARNING, "WARNING: entries are halved"),
    (BreakerLevel.REDUCING, "REDUCING: entries are denied"),
    (BreakerLevel.HALTED, "HALTED: entries are cancelled and every position is closed"),
)


REPEAT = "repeat"
BY_HAND = f"by{figures.TIED}hand"
# What stands highest comes first, then the desk, its accounts, its agents.
BY_WEIGHT = (
    "-level",
    Case(
        When(scope="desk", then=Value(0)), When(scope__startswith="account:", then=Value(1)), default=Value(2)
    ),
    "scope",
)


class TripDialog(dialogs.ReasonDialog):
    level = forms.TypedChoiceField(
        choices=[(level.value, words) for level, words in CONSEQUENCES],
        coerce=lambda value: BreakerLevel(int(value)),
        initial=BreakerLevel.HALTED.value,
        widget=UnfoldAdminSelectWidget(),
        label="Level",
    )
    field_order = ("level", "reason")


TRIP: Any = {
    "title": "Trip this breaker",
    "description": "It takes effect at once: for the next order, for those approved and not yet sent, "
    "and at HALTED for the positions too.",
    "form_class": TripDialog,
    "form_submit_text": "Trip",
}
RESET: Any = {
    "title": "Reset this breaker to NORMAL",
    "description": "Trading begins again in this scope, and its loss is counted from its equity now. "
    "Where it is HALTED this only proposes it: a second person must agree before it acts.",
    "form_class": dialogs.FreshPasswordDialog,
    "form_submit_text": "Reset",
}


@admin.register(BreakerState)
class BreakerStateAdmin(RecordAdmin):
    belongs: ClassVar = {"scope": "scope"}
    list_display = (
        "scope", "stands_at", "loss", "worth", "peak", "epoch", "cause", "changed", "evaluated",
    )  # fmt: skip
    list_filter = (("level", ChoicesDropdownFilter), ("scope", FieldTextFilter))
    ordering = BY_WEIGHT
    search_fields = ("scope", "cause")
    actions_detail = ("trip", "reset")
    actions_row = ("trip", "reset")
    readonly_fields = ("stands_at", "loss", "worth", "peak", "changed", "evaluated", "raised_at", "latest")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("scope", "stands_at", "epoch"),
                    ("loss", "worth", "peak"),
                    ("changed", "evaluated"),
                    "raised_at",
                    "cause",
                    "latest",
                )
            },
        ),
    )

    @display(description="Level", ordering="level", label=LEVEL_LABELS)
    def stands_at(self, row: BreakerState) -> str:
        return BreakerLevel(row.level).name

    @display(description="Loss", ordering="drawdown")
    def loss(self, row: BreakerState) -> str:
        return figures.share(row.drawdown) if row.evaluated_at else BY_HAND

    @display(description="Equity")
    def worth(self, row: BreakerState) -> str:
        return figures.money(row.equity)

    @display(description="High-water mark")
    def peak(self, row: BreakerState) -> str:
        return figures.money(row.high_water_mark)

    @display(description="Changed (UTC)", ordering="changed_at")
    def changed(self, row: BreakerState) -> str:
        return figures.moment(row.changed_at)

    @display(description="Last looked at (UTC)", ordering="evaluated_at")
    def evaluated(self, row: BreakerState) -> str:
        return figures.moment(row.evaluated_at)

    @display(description="Levels")
    def raised_at(self, row: BreakerState) -> str:
        if row.evaluated_at is None:
            return "tripped and reset by hand only: the loss of this scope is not measured"
        (glance,) = (found for found in overview.breakers() if found.pk == row.pk)
        steps = zip((level.name for level, _ in CONSEQUENCES), glance.thresholds, strict=True)
        shown = ", ".join(f"{name} at a loss of {figures.share(share)}" for name, share in steps)
        return f"{shown}, of the {glance.base_kind}"

    @display(description="Latest events")
    def latest(self, row: BreakerState) -> str:
        events = BreakerEvent.objects.filter(scope=row.scope)[:10]
        return tables.table(
            ("When (UTC)", "What", "From", "To", "Loss", "Cause", "By"),
            (
                (
                    figures.moment(event.created_at),
                    event.kind,
                    event.get_old_level_display(),
                    event.get_new_level_display(),
                    figures.share(event.drawdown),
                    event.cause,
                    event.by,
                )
                for event in events
            ),
        )

    def has_trip_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "breaker.trip", object_id)

    def has_reset_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Who makes and trains agents does not resume one that repeated itself, whatever else they are."""
        allowed = self.allows(request, "breaker.reset", object_id)
        if not allowed or object_id is None or rights.QUANT not in rights.roles_of(request.user):
            return allowed
        repeated = BreakerState.objects.filter(
            pk=object_id, scope__startswith="agent:", cause__startswith=REPEAT
        )
        return not repeated.exists()

    @action(
        description="Trip", url_path="trip", icon="emergency_home", variant=ActionVariant.DANGER,
        permissions=["trip"], dialog=TRIP,
    )  # fmt: skip
    def trip(self, request: HttpRequest, form: TripDialog, object_id: str) -> HttpResponse:
        scope = BreakerState.objects.values_list("scope", flat=True).get(pk=object_id)
        level, reason = form.cleaned_data["level"], form.cleaned_data["reason"]

        def act() -> str:
            breakers.trip(scope=scope, level=level, cause=reason, by=rights.actor(request.user))
            return f"{scope} was tripped to {level.name}."

        return self._answer(request, object_id, act)

    @action(
        description="Reset", url_path="reset", icon="restart_alt", variant=ActionVariant.WARNING,
        permissions=["reset"], dialog=RESET,
    )  # fmt: skip
    def reset(self, request: HttpRequest, form: dialogs.FreshPasswordDialog, object_id: str) -> HttpResponse:
        scope, level = BreakerState.objects.values_list("scope", "level").get(pk=object_id)
        reason = form.cleaned_data["reason"]
        if level >= BreakerLevel.HALTED:
            payload = {"scope": scope}
            return propose(request, kind=ChangeKind.BREAKER_RESET, payload=payload, reason=reason)

        def act() -> str:
            breakers.reset(scope=scope, reason=reason, by=rights.actor(request.user))
            return f"{scope} is back at NORMAL."

        return self._answer(request, object_id, act)

    def _answer(self, request: HttpRequest, object_id: str, act: Any) -> HttpResponse:
        page = reverse("admin:risk_breakerstate_change", args=(object_id,))
        return dialogs.answer(request, to=page, act=act, errors=(RiskError,))


@admin.register(BreakerEvent)
class BreakerEventAdmin(LedgerAdmin):
    belongs: ClassVar = {"scope": "scope"}
    list_display = ("when", "scope", "kind", "before", "after", "loss", "worth", "cause", "by")
    list_filter = (
        ("scope", FieldTextFilter),
        ("new_level", ChoicesDropdownFilter),
        ("kind", FieldTextFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("scope", "cause", "by")
    readonly_fields = ("details",)
    exclude = ("detail",)

    @display(description="When (UTC)", ordering="pk")
    def when(self, event: BreakerEvent) -> str:
        return figures.moment(event.created_at)

    @display(description="From", label=LEVEL_LABELS)
    def before(self, event: BreakerEvent) -> str:
        return BreakerLevel(event.old_level).name

    @display(description="To", ordering="new_level", label=LEVEL_LABELS)
    def after(self, event: BreakerEvent) -> str:
        return BreakerLevel(event.new_level).name

    @display(description="Loss", ordering="drawdown")
    def loss(self, event: BreakerEvent) -> str:
        return figures.share(event.drawdown)

    @display(description="Equity")
    def worth(self, event: BreakerEvent) -> str:
        return figures.money(event.equity)

    @display(description="Detail")
    def details(self, event: BreakerEvent) -> str:
        return tables.pairs(event.detail)
