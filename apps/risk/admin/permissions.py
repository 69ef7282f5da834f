"""Who may trade what: permissions, restrictions and the classes of regulators."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import FieldTextFilter
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.edges import dialogs, rights
from apps.edges.ledgers import RecordAdmin
from apps.risk import changes
from apps.risk.admin.limits import InForceFilter, Versioned
from apps.risk.admin.proposing import need_right, propose
from apps.risk.domain.change import ChangeKind
from apps.risk.domain.packs import Kind
from apps.risk.errors import NeedsSecondPerson, RiskError
from apps.risk.models import InstrumentClass, InstrumentPermission, RestrictedInstrument

SHOWN = ("status", "begins", "changed_by", "reason")


class InstrumentDialog(dialogs.ReasonDialog):
    field_order: ClassVar[tuple[str, ...]] = ("source", "instrument", "kind", "reason")
    instrument = forms.CharField(max_length=32, widget=UnfoldAdminTextInputWidget())


class PermitDialog(InstrumentDialog):
    source = forms.CharField(
        max_length=100, widget=UnfoldAdminTextInputWidget(),
        help_text="agent:SLUG, user:ID; a last * stands for every end. * alone is everybody.",
    )  # fmt: skip


class ClassDialog(InstrumentDialog):
    kind = forms.ChoiceField(
        choices=[(kind.value, kind.value.replace("_", " ")) for kind in Kind],
        widget=UnfoldAdminSelectWidget(),
    )


PERMIT: Any = {
    "title": "Permit an instrument",
    "description": "What a wider permission allows already is permitted at once; for anything else a second "
    "person must agree.",
    "form_class": PermitDialog,
    "form_submit_text": "Permit",
}
WITHDRAW: Any = {
    "title": "Withdraw this permission",
    "description": "It acts at once: entries approved before and not yet sent are refused at the last gate.",
    "form_class": dialogs.ReasonDialog,
    "form_submit_text": "Withdraw",
}
RESTRICT: Any = {
    "title": "Restrict an instrument",
    "description": "It acts at once: nobody opens positions in it, whatever they are permitted.",
    "form_class": InstrumentDialog,
    "form_submit_text": "Restrict",
}
FREE: Any = {
    "title": "Propose to end this restriction",
    "description": "Nothing changes until a second person approves.",
    "form_class": dialogs.ReasonDialog,
    "form_submit_text": "Propose",
}
CLASSIFY: Any = {
    "title": "Propose a class",
    "description": "What an instrument is to the regulator of retail accounts. Nothing changes until a "
    "second person approves.",
    "form_class": ClassDialog,
    "form_submit_text": "Propose",
}


class KeptAdmin(Versioned, RecordAdmin):
    """Rows that people put in force and end."""

    readonly_fields: ClassVar[tuple[str, ...]] = ("status", "begins")
    exclude: ClassVar[tuple[str, ...]] = ("effective_from",)

    def has_restrict_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "instrument.restrict", object_id)

    def has_propose_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "change.propose", object_id)

    def answer(self, request: HttpRequest, act: Callable[[], str]) -> HttpResponse:
        name = self.model._meta.model_name  # noqa: SLF001 (Django's own way to name an admin page)
        to = reverse(f"admin:risk_{name}_changelist") + "?in_force=yes"
        return dialogs.answer(request, to=to, act=act, errors=(RiskError,))


@admin.register(InstrumentPermission)
class InstrumentPermissionAdmin(KeptAdmin):
    belongs: ClassVar = {"scope": "source"}
    list_display = ("source", "instrument", *SHOWN)
    list_filter = (InForceFilter, ("source", FieldTextFilter), ("instrument", FieldTextFilter))
    search_fields = ("source", "instrument", "reason")
    actions_detail = ("withdraw",)
    actions_row = ("withdraw",)
    actions_list = ("permit",)

    @action(
        description="Permit", url_path="permit", icon="add", permissions=["propose"], dialog=PERMIT,
        variant=ActionVariant.PRIMARY,
    )  # fmt: skip
    def permit(self, request: HttpRequest, form: PermitDialog) -> HttpResponse:
        given = form.cleaned_data
        named = {"source": given["source"], "instrument": given["instrument"]}

        said = {"reason": given["reason"], "by": rights.actor(request.user)}

        def act() -> str:
            need_right(request.user, kind=ChangeKind.PERMISSION, payload=named)
            try:
                changes.permit_instrument(**named, **said)
            except NeedsSecondPerson:
                changes.propose(kind=ChangeKind.PERMISSION, payload=named, **said)
                return "It waits for a second person."
            return f"{named['source']} may trade {named['instrument']}."

        return self.answer(request, act)

    @action(
        description="Withdraw", url_path="withdraw", icon="block", permissions=["restrict"], dialog=WITHDRAW
    )
    def withdraw(self, request: HttpRequest, form: dialogs.ReasonDialog, object_id: str) -> HttpResponse:
        row = InstrumentPermission.objects.get(pk=object_id)

        def act() -> str:
            changes.withdraw_permission(
                source=row.source,
                instrument=row.instrument,
                reason=form.cleaned_data["reason"],
                by=rights.actor(request.user),
            )
            return f"{row.source} no longer holds its permission for {row.instrument}."

        return self.answer(request, act)


@admin.register(RestrictedInstrument)
class RestrictedInstrumentAdmin(KeptAdmin):
    list_display = ("instrument", *SHOWN)
    list_filter = (InForceFilter, ("instrument", FieldTextFilter))
    search_fields = ("instrument", "reason")
    actions_detail = ("propose_end",)
    actions_row = ("propose_end",)
    actions_list = ("restrict",)

    @action(
        description="Restrict", url_path="restrict", icon="block", variant=ActionVariant.DANGER,
        permissions=["restrict"], dialog=RESTRICT,
    )  # fmt: skip
    def restrict(self, request: HttpRequest, form: InstrumentDialog) -> HttpResponse:
        given = form.cleaned_data

        def act() -> str:
            changes.restrict(
                instrument=given["instrument"], reason=given["reason"], by=rights.actor(request.user)
            )
            return f"Nobody opens positions in {given['instrument']} from now on."

        return self.answer(request, act)

    @action(description="End", url_path="propose-end", icon="lock_open", permissions=["propose"], dialog=FREE)
    def propose_end(self, request: HttpRequest, form: dialogs.ReasonDialog, object_id: str) -> HttpResponse:
        payload = {"instrument": RestrictedInstrument.objects.get(pk=object_id).instrument}
        reason = form.cleaned_data["reason"]
        return propose(request, kind=ChangeKind.RESTRICTION_END, payload=payload, reason=reason)


@admin.register(InstrumentClass)
class InstrumentClassAdmin(KeptAdmin):
    list_display = ("instrument", "kind", "version", *SHOWN)
    list_filter = (InForceFilter, ("instrument", FieldTextFilter), ("kind", FieldTextFilter))
    search_fields = ("instrument", "kind", "reason")
    actions_list = ("classify",)

    @action(
        description="Propose a class", url_path="classify", icon="label", permissions=["propose"],
        dialog=CLASSIFY,
    )  # fmt: skip
    def classify(self, request: HttpRequest, form: ClassDialog) -> HttpResponse:
        given = form.cleaned_data
        payload = {"instrument": given["instrument"], "kind": given["kind"]}
        return propose(request, kind=ChangeKind.CLASS, payload=payload, reason=given["reason"])
