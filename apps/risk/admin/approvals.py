"""Changes that wait for a second person, and what was decided on those before."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter, RangeDateTimeFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.edges import dialogs, figures, people, rights, tables
from apps.edges.ledgers import LedgerAdmin
from apps.risk import changes
from apps.risk.admin.proposing import difference, propose
from apps.risk.domain.change import ChangeKind, ChangeState
from apps.risk.domain.overrides import Overridable
from apps.risk.errors import RiskError
from apps.risk.models import ChangeRequest

STATE_LABELS = {
    "open": "warning", "approved": "success", "rejected": "danger", "withdrawn": None, "expired": None,
}  # fmt: skip


class MineFilter(admin.SimpleListFilter):
    """Narrow to what the person who looks may decide on: open, and not made by them."""

    title = "mine to decide"
    parameter_name = "mine"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "yes":
            return queryset
        if not rights.may(request.user, "change.approve"):
            return queryset.none()
        mine = f"user:{request.user.pk}"
        return queryset.filter(state=ChangeState.OPEN.value, expires_at__gt=timezone.now()).exclude(
            maker=mine
        )


class OverrideDialog(dialogs.ReasonDialog):
    """Asks which denied order may pass which check."""

    order = forms.CharField(
        max_length=24, widget=UnfoldAdminTextInputWidget(), help_text="Id of the order that was denied."
    )
    check = forms.ChoiceField(
        choices=[(check.value, check.value) for check in Overridable], widget=UnfoldAdminSelectWidget()
    )
    wider = forms.DecimalField(
        max_digits=12, decimal_places=10, required=False, widget=UnfoldAdminTextInputWidget(),
        help_text="For the collar: the share of the price that it allows this once, such as 0.05.",
    )  # fmt: skip
    field_order = ("order", "check", "wider", "reason")


APPROVE: Any = {
    "title": "Approve this change",
    "description": "It acts at once, exactly as it was proposed, under both your names.",
    "form_class": dialogs.FreshPasswordDialog,
    "form_submit_text": "Approve",
}
REJECT: Any = {
    "title": "Reject this change",
    "description": "Nothing changes, and this request is closed for good.",
    "form_class": dialogs.ReasonDialog,
    "form_submit_text": "Reject",
}
WITHDRAW: Any = {
    "title": "Withdraw your request",
    "description": "Nothing changes, and this request is closed for good.",
    "form_class": dialogs.ReasonDialog,
    "form_submit_text": "Withdraw",
}
OVERRIDE: Any = {
    "title": "Propose an override",
    "description": "The very same order may pass one check, once, within a quarter of an hour of approval. "
    "It still meets every limit.",
    "form_class": OverrideDialog,
    "form_submit_text": "Propose",
}


@admin.register(ChangeRequest)
class ChangeRequestAdmin(LedgerAdmin):
    belongs: ClassVar = {"scope": "scope"}
    list_display = (
        "what", "subject", "change", "made_by", "reason", "age", "expires", "status", "decided",
    )  # fmt: skip
    list_display_links = ("what", "subject")
    list_filter = (
        MineFilter,
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("maker", FieldTextFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("subject", "reason", "maker")
    actions_detail = ("approve", "reject", "withdraw")
    actions_row = ("approve", "reject", "withdraw")
    actions_list = ("propose_override",)
    readonly_fields = (
        "what", "change", "made_by", "created", "expires", "status", "decided", "standing", "asked",
    )  # fmt: skip
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("what", "subject"),
                    ("change", "status"),
                    ("made_by", "created"),
                    ("scope", "expires"),
                    "reason",
                    ("decided", "decided_at"),
                    "decision_reason",
                    ("applied_at", "used_by"),
                    "payload_hash",
                )
            },
        ),
        ("What it would do", {"classes": ("tab",), "fields": ("asked",)}),
        ("What stood when it was proposed", {"classes": ("tab",), "fields": ("standing",)}),
    )

    @display(description="Kind", ordering="kind")
    def what(self, row: ChangeRequest) -> str:
        return row.get_kind_display()

    @display(description="Before → after")
    def change(self, row: ChangeRequest) -> str:
        return difference(row.kind, row.before, row.payload)

    @display(description="Maker", ordering="maker")
    def made_by(self, row: ChangeRequest) -> str:
        return people.name_of(row.maker)

    @display(description="Made (UTC)", ordering="created_at")
    def created(self, row: ChangeRequest) -> str:
        return figures.moment(row.created_at)

    @display(description="Age", ordering="-created_at")
    def age(self, row: ChangeRequest) -> str:
        return _span((row.decided_at or timezone.now()) - row.created_at)

    @display(description="Expires (UTC)", ordering="expires_at")
    def expires(self, row: ChangeRequest) -> str:
        return figures.moment(row.expires_at)

    @display(description="Status", ordering="state", label=STATE_LABELS)
    def status(self, row: ChangeRequest) -> str:
        return str(row.state)

    @display(description="Decided by")
    def decided(self, row: ChangeRequest) -> str:
        return people.name_of(row.decided_by) if row.decided_by else figures.NONE

    @display(description="Standing")
    def standing(self, row: ChangeRequest) -> str:
        return tables.pairs(row.before)

    @display(description="Asked")
    def asked(self, row: ChangeRequest) -> str:
        return tables.pairs(row.payload)

    def has_approve_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "change.approve", object_id) and not _made(request, object_id)

    def has_reject_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_approve_permission(request, object_id)

    def has_withdraw_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        allowed = self.allows(request, "change.withdraw", object_id)
        return allowed and (object_id is None or _made(request, object_id))

    def has_propose_override_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return rights.may(request.user, "override.propose")

    @action(
        description="Approve", url_path="approve", icon="done_all", variant=ActionVariant.PRIMARY,
        permissions=["approve"], dialog=APPROVE,
    )  # fmt: skip
    def approve(
        self, request: HttpRequest, form: dialogs.FreshPasswordDialog, object_id: str
    ) -> HttpResponse:
        return _decide(request, form, object_id, changes.approve, "It is in force.")

    @action(description="Reject", url_path="reject", icon="block", permissions=["reject"], dialog=REJECT)
    def reject(self, request: HttpRequest, form: dialogs.ReasonDialog, object_id: str) -> HttpResponse:
        return _decide(request, form, object_id, changes.reject, "It is rejected.")

    @action(
        description="Withdraw", url_path="withdraw", icon="undo", permissions=["withdraw"], dialog=WITHDRAW
    )
    def withdraw(self, request: HttpRequest, form: dialogs.ReasonDialog, object_id: str) -> HttpResponse:
        return _decide(request, form, object_id, changes.withdraw, "It is withdrawn.")

    @action(
        description="Propose an override", url_path="propose-override", icon="lock_open",
        permissions=["propose_override"], dialog=OVERRIDE,
    )  # fmt: skip
    def propose_override(self, request: HttpRequest, form: OverrideDialog) -> HttpResponse:
        given = form.cleaned_data
        payload = {"order": given["order"], "check": given["check"], "wider": given["wider"]}
        return propose(request, kind=ChangeKind.OVERRIDE, payload=payload, reason=given["reason"])


def _made(request: HttpRequest, object_id: Any) -> bool:
    maker = f"user:{request.user.pk}"
    return object_id is not None and ChangeRequest.objects.filter(pk=object_id, maker=maker).exists()


def _decide(
    request: HttpRequest, form: dialogs.ReasonDialog, object_id: str, door: Any, said: str
) -> HttpResponse:
    def act() -> str:
        door(int(object_id), by=rights.actor(request.user), reason=form.cleaned_data["reason"])
        return said

    to = reverse("admin:risk_changerequest_change", args=(object_id,))
    return dialogs.answer(request, to=to, act=act, errors=(RiskError,))


def _span(passed: timedelta) -> str:
    minutes = int(passed.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes}{figures.TIED}min"
    return f"{minutes // 60}{figures.TIED}h {minutes % 60}{figures.TIED}min"
