"""The dialog in which an administrator gives and takes rights on one account or agent, and who holds them."""

from typing import Any, ClassVar

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from apps.edges import dialogs, grants, rights, tables
from apps.edges.ledgers import RecordAdmin

GIVE, TAKE = "give", "take"


class RightsDialog(dialogs.ReasonDialog):
    """Asks who, which right, and whether it is given or taken."""

    kind: ClassVar[str]
    who = forms.ChoiceField(widget=UnfoldAdminSelectWidget())
    right = forms.ChoiceField(widget=UnfoldAdminSelectWidget())
    way = forms.ChoiceField(
        label="What", choices=((GIVE, "Give"), (TAKE, "Take away")), widget=UnfoldAdminSelectWidget()
    )
    field_order = ("who", "right", "way", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = get_user_model().objects.filter(is_active=True).order_by("username")
        self.fields["who"].choices = [
            *((f"role:{name}", f"role {name}") for name in rights.ROLES),
            *((f"user:{pk}", f"user {name}") for pk, name in people.values_list("pk", "username")),
        ]
        self.fields["right"].choices = [
            (name, name.replace("_", " ")) for name in rights.OBJECTS[self.kind][1:]
        ]

    def holder(self) -> Any:
        """Return the user or the role that was chosen."""
        kind, _, name = str(self.cleaned_data["who"]).partition(":")
        if kind == "role":
            return Group.objects.get_or_create(name=name)[0]
        return get_user_model().objects.get(pk=name)


class AccountRightsDialog(RightsDialog):
    kind = rights.ACCOUNT


class AgentRightsDialog(RightsDialog):
    kind = rights.AGENT


def _dialog(form: type[RightsDialog]) -> Any:
    return {
        "title": f"Rights on this {form.kind}",
        "description": "A role still does no more than it may do at all. This acts at once, on open pages "
        "too.",
        "form_class": form,
        "form_submit_text": "Change",
    }


class GrantsAdmin(RecordAdmin):
    """A record page on which object rights are given and taken, by an action that a subclass names."""

    kind: ClassVar[str]
    readonly_fields: ClassVar[tuple[str, ...]] = ("who_may",)

    @display(description="Who may")
    def who_may(self, row: Any) -> SafeString | str:
        held: dict[tuple[str, str], list[str]] = {}
        for kind, name, right in grants.holders(self.kind, row.slug):
            held.setdefault((kind, name), []).append(right.replace("_", " "))
        return tables.table(
            ("", "Name", "Rights"),
            ((kind, name, ", ".join(sorted(found))) for (kind, name), found in held.items()),
        )

    def has_change_rights_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "rights.change", object_id)

    def change(self, request: HttpRequest, form: RightsDialog, object_id: str) -> HttpResponse:
        """Carry out what the dialog asked for."""
        row = self.get_queryset(request).get(pk=object_id)
        who, right, reason = form.holder(), form.cleaned_data["right"], form.cleaned_data["reason"]
        gives = form.cleaned_data["way"] == GIVE

        def act() -> str:
            switch = grants.give if gives else grants.revoke
            changed = switch(who, right, kind=self.kind, slug=row.slug)
            if changed:
                self.log_change(request, row, f"{form.cleaned_data['way']} {right}: {who}. {reason}")
            verb = "now holds" if gives else "no longer holds"
            return (
                f"{who} {verb} {right} on {row.slug}." if changed else "Nothing changed: it was so already."
            )

        opts = self.model._meta  # noqa: SLF001 (Django's own way to name an admin page)
        page = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=(row.pk,))
        return dialogs.answer(request, to=page, act=act, errors=(LookupError,))


class AccountGrantsAdmin(GrantsAdmin):
    kind = rights.ACCOUNT

    @action(
        description="Rights", url_path="rights", icon="key", permissions=["change_rights"],
        dialog=_dialog(AccountRightsDialog),
    )  # fmt: skip
    def account_rights(self, request: HttpRequest, form: RightsDialog, object_id: str) -> HttpResponse:
        return self.change(request, form, object_id)


class AgentGrantsAdmin(GrantsAdmin):
    kind = rights.AGENT

    @action(
        description="Rights", url_path="rights", icon="key", permissions=["change_rights"],
        dialog=_dialog(AgentRightsDialog),
    )  # fmt: skip
    def agent_rights(self, request: HttpRequest, form: RightsDialog, object_id: str) -> HttpResponse:
        return self.change(request, form, object_id)
