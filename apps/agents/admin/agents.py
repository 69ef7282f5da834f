"""Pages of agents: what they decide by, how far a training is, and the dialogs that pause and train them."""

from typing import Any, ClassVar

from django import forms
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
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldBooleanWidget

from apps.agents import lifecycle, scorecard, training
from apps.agents.admin import pictures
from apps.agents.errors import AgentError, NotAllowed
from apps.agents.models import Agent, AgentEvent
from apps.edges import dialogs, figures, rights
from apps.edges.granting import AgentGrantsAdmin
from apps.edges.ledgers import LedgerAdmin

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


class TrainDialog(dialogs.NoteDialog):
    """Asks how much to train. What is wrong with the figures the door says."""

    steps = forms.IntegerField(
        min_value=1_000, max_value=5_000_000, initial=60_000, widget=UnfoldAdminIntegerFieldWidget(),
        help_text="Bars seen by each seed. 60,000 take seconds.",
    )  # fmt: skip
    seeds = forms.IntegerField(
        min_value=1, max_value=20, initial=3, widget=UnfoldAdminIntegerFieldWidget(),
        help_text="Networks that decide together: three show how much of a result is luck.",
    )  # fmt: skip
    deploy = forms.BooleanField(
        required=False, widget=UnfoldBooleanWidget(), label="Put the result on paper when it is done"
    )


TRAIN: Any = {
    "title": "Train this agent",
    "description": "It learns on the first part of the bars that are there and is judged on the later, "
    "untouched part. Meanwhile it goes on as it is.",
    "form_class": TrainDialog,
    "form_submit_text": "Train",
}


@admin.register(Agent)
class AgentAdmin(AgentGrantsAdmin):
    belongs: ClassVar = {"agent": "slug"}
    list_display = (
        "slug", "instrument", "timeframe", "version", "stage", "status", "state_reason", "most",
        "faults_in_a_row", "last_bar", "wanted_last", "account",
    )  # fmt: skip
    list_select_related = ("version",)
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("stage", ChoicesDropdownFilter),
        ("instrument", FieldTextFilter),
        ("version", RelatedDropdownFilter),
    )
    search_fields = ("slug", "name", "instrument")
    actions_detail = ("train", "pause", "resume", "agent_rights")
    actions_row = ("train", "pause", "resume")
    readonly_fields = (
        "status", "most", "last_bar", "wanted_last", "learned", "trainings", "history", "who_may",
    )  # fmt: skip
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "note",
                    ("slug", "name", "account"),
                    ("instrument", "timeframe", "version"),
                    ("stage", "status", "state_reason"),
                    ("most", "stop_atr", "faults_in_a_row"),
                    ("last_bar", "wanted_last"),
                    "learned",
                    "trainings",
                    "history",
                    "who_may",
                )
            },
        ),
    )

    @display(description="State", ordering="state", label={"active": "success", "paused": "warning"})
    def status(self, agent: Agent) -> str:
        return str(agent.state)

    @display(description="Most lots", ordering="max_lots")
    def most(self, agent: Agent) -> str:
        return figures.plain(agent.max_lots)

    @display(description="Last bar (desk time)", ordering="last_bar_close_at")
    def last_bar(self, agent: Agent) -> str:
        return figures.moment(agent.last_bar_close_at)

    @display(description="Last signal (desk time)", ordering="last_signal_at")
    def wanted_last(self, agent: Agent) -> str:
        return figures.moment(agent.last_signal_at)

    @display(description="How its policy did on bars it never saw")
    def learned(self, agent: Agent) -> str:
        found = scorecard.evaluation(agent.version_id) if agent.version_id else None
        return pictures.judged(found) if found else figures.NONE

    @display(description="Trainings")
    def trainings(self, agent: Agent) -> str:
        return pictures.trainings(scorecard.runs(agent=agent.slug, limit=10))

    @display(description="What was done with it")
    def history(self, agent: Agent) -> str:
        return pictures.events(agent.events.select_related("old_version", "new_version")[:20])

    def has_train_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "agent.train", object_id)

    def has_pause_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "agent.pause", object_id)

    def has_resume_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "agent.resume", object_id)

    @action(
        description="Train", url_path="train", icon="model_training", variant=ActionVariant.PRIMARY,
        permissions=["train"], dialog=TRAIN,
    )  # fmt: skip
    def train(self, request: HttpRequest, form: TrainDialog, object_id: str) -> HttpResponse:
        agent = Agent.objects.get(pk=object_id)
        told = form.cleaned_data

        def act() -> str:
            if told["deploy"] and not rights.may(request.user, "agent.deploy", agent=agent.slug):
                raise NotAllowed(f"You may train {agent.slug}, but you may not deploy the result.")
            run_id = training.queue(
                agent_slug=agent.slug,
                config={"steps": told["steps"], "seeds": told["seeds"]},
                deploy=told["deploy"],
                by=rights.actor(request.user),
            )
            return f"Training {run_id} of {agent.slug} is queued."

        return dialogs.answer(
            request, to=reverse("admin:agents_trainingrun_changelist"), act=act, errors=(AgentError,)
        )

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


@admin.register(AgentEvent)
class AgentEventAdmin(LedgerAdmin):
    belongs: ClassVar = {"agent": "agent__slug"}
    list_display = ("when", "agent", "kind", "by", "reason", "old_version", "new_version")
    list_display_links = ("when",)
    list_select_related = ("agent", "old_version", "new_version")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("agent", RelatedDropdownFilter),
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("agent__slug", "by", "reason")

    @display(description="When (UTC)", ordering="created_at")
    def when(self, event: AgentEvent) -> str:
        return figures.moment(event.created_at)
