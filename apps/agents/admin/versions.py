"""Pages of policy versions: what each is, how it did, and the dialog that deploys it."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.agents import lifecycle, scorecard
from apps.agents.admin import pictures
from apps.agents.errors import AgentError
from apps.agents.models import PolicyVersion
from apps.edges import dialogs, figures, rights, tables
from apps.edges.ledgers import LedgerAdmin

DEPLOY: Any = {
    "title": "Let its agent decide by this version",
    "description": "From the next closed bar on. Its position stays; who deployed it, when and why is kept.",
    "form_class": dialogs.ReasonDialog,
    "form_submit_text": "Deploy",
}


@admin.register(PolicyVersion)
class PolicyVersionAdmin(LedgerAdmin):
    list_display = ("name", "number", "kind", "rule", "feature_set", "address", "came_from", "created_at")
    list_select_related = ("run",)
    list_filter = (("kind", ChoicesDropdownFilter),)
    search_fields = ("name", "content_hash")
    actions_detail = ("deploy",)
    actions_row = ("deploy",)
    readonly_fields = ("settings_shown", "in_short", "judged", "decides_for")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "number", "kind"),
                    ("rule", "feature_set", "decides_for"),
                    "content_hash",
                    "run",
                    "judged",
                    "in_short",
                    "settings_shown",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # A rule belongs to everybody, a learned version to the agent it was trained for.
        own = Q(kind="rule") | Q(name__in=rights.visible(request.user, rights.AGENT))
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(own)

    @display(description="Content hash")
    def address(self, version: PolicyVersion) -> str:
        return version.content_hash[:16]

    @display(description="Trained by")
    def came_from(self, version: PolicyVersion) -> str:
        return f"training {version.run_id}" if version.run_id else figures.NONE

    @display(description="Decides for")
    def decides_for(self, version: PolicyVersion) -> str:
        return ", ".join(agent.slug for agent in version.agents.all()) or "nobody"

    @display(description="Parameters")
    def settings_shown(self, version: PolicyVersion) -> str:
        return tables.pairs(version.parameters)

    @display(description="In short")
    def in_short(self, version: PolicyVersion) -> str:
        return tables.pairs(version.summary)

    @display(description="How it did on bars it never saw")
    def judged(self, version: PolicyVersion) -> str:
        found = scorecard.evaluation(version.pk)
        return pictures.judged(found) if found else figures.NONE

    def has_deploy_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        if object_id is None:
            return rights.may(request.user, "agent.deploy")
        name = (
            PolicyVersion.objects.filter(pk=object_id, kind="learned").values_list("name", flat=True).first()
        )
        return name is not None and rights.may(request.user, "agent.deploy", agent=name)

    @action(
        description="Deploy", url_path="deploy", icon="rocket_launch", variant=ActionVariant.PRIMARY,
        permissions=["deploy"], dialog=DEPLOY,
    )  # fmt: skip
    def deploy(self, request: HttpRequest, form: dialogs.ReasonDialog, object_id: str) -> HttpResponse:
        version = PolicyVersion.objects.get(pk=object_id)

        def act() -> str:
            lifecycle.deploy(
                slug=version.name,
                version_id=version.pk,
                reason=form.cleaned_data["reason"],
                by=rights.actor(request.user),
            )
            return f"{version.name} decides by {version} from its next closed bar on."

        page = reverse("admin:agents_policyversion_change", args=(object_id,))
        return dialogs.answer(request, to=page, act=act, errors=(AgentError,))
