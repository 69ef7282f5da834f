"""Pages of agents, what they wanted, and the policies that decide for them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    FieldTextFilter,
    RangeDateTimeFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.agents import lifecycle
from apps.agents.errors import AgentError
from apps.agents.models import Agent, PolicyVersion, Signal
from apps.edges import dialogs, figures, rights, tables
from apps.edges.ledgers import LedgerAdmin, RecordAdmin

PAUSE: Any = {
    "title": "Pause this agent",
    "description": "It decides nothing until somebody resumes it. Its position and its stops stay.",
    "form_class": dialogs.ReasonDialog,
    "form_submit_text": "Pause",
}
RESUME: Any = {
    "title": "Resume this agent",
    "description": "It decides again from the next closed bar on.",
    "form_class": dialogs.ReasonDialog,
    "form_submit_text": "Resume",
}


@admin.register(Agent)
class AgentAdmin(RecordAdmin):
    list_display = (
        "slug", "instrument", "timeframe", "version", "stage", "status", "state_reason", "most",
        "faults_in_a_row", "last_bar", "account",
    )  # fmt: skip
    list_select_related = ("version",)
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("stage", ChoicesDropdownFilter),
        ("instrument", FieldTextFilter),
        ("version", RelatedDropdownFilter),
    )
    search_fields = ("slug", "name", "instrument")
    actions_detail = ("pause", "resume")
    actions_row = ("pause", "resume")
    readonly_fields = ("status", "most")

    @display(description="State", ordering="state", label={"active": "success", "paused": "warning"})
    def status(self, agent: Agent) -> str:
        return str(agent.state)

    @display(description="Most lots", ordering="max_lots")
    def most(self, agent: Agent) -> str:
        return figures.plain(agent.max_lots)

    @display(description="Last bar (desk time)", ordering="last_bar_close_at")
    def last_bar(self, agent: Agent) -> str:
        return figures.moment(agent.last_bar_close_at)

    def has_pause_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return rights.may(request.user, "agent.pause")

    def has_resume_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return rights.may(request.user, "agent.resume")

    @action(
        description="Pause", url_path="pause", icon="pause", variant=ActionVariant.WARNING,
        permissions=["pause"], dialog=PAUSE,
    )  # fmt: skip
    def pause(self, request: HttpRequest, form: dialogs.ReasonDialog, object_id: str) -> HttpResponse:
        return self._act(request, object_id, form, resume=False)

    @action(
        description="Resume", url_path="resume", icon="play_arrow", variant=ActionVariant.SUCCESS,
        permissions=["resume"], dialog=RESUME,
    )  # fmt: skip
    def resume(self, request: HttpRequest, form: dialogs.ReasonDialog, object_id: str) -> HttpResponse:
        return self._act(request, object_id, form, resume=True)

    def _act(
        self, request: HttpRequest, object_id: str, form: dialogs.ReasonDialog, *, resume: bool
    ) -> HttpResponse:
        agent = Agent.objects.get(pk=object_id)
        switch, word = (lifecycle.resume, "active again") if resume else (lifecycle.pause, "paused")

        def act() -> str:
            switch(slug=agent.slug, reason=form.cleaned_data["reason"], by=rights.actor(request.user))
            return f"{agent.slug} is {word}."

        return dialogs.answer(
            request, to=reverse("admin:agents_agent_change", args=(agent.pk,)), act=act, errors=(AgentError,)
        )


@admin.register(Signal)
class SignalAdmin(LedgerAdmin):
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


@admin.register(PolicyVersion)
class PolicyVersionAdmin(LedgerAdmin):
    list_display = ("name", "number", "kind", "rule", "feature_set", "address", "created_at")
    list_filter = (("kind", ChoicesDropdownFilter),)
    search_fields = ("name", "content_hash")
    readonly_fields = ("settings_shown",)
    exclude = ("parameters",)

    @display(description="Content hash")
    def address(self, version: PolicyVersion) -> str:
        return version.content_hash[:16]

    @display(description="Parameters")
    def settings_shown(self, version: PolicyVersion) -> str:
        return tables.pairs(version.parameters)
