"""Pages of trainings: how far one is, its reward, and the dialogs that stop it and begin it again."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.agents import scorecard, training
from apps.agents.admin import pictures
from apps.agents.errors import AgentError, NotAllowed
from apps.agents.models import TrainingRun
from apps.edges import dialogs, figures, rights, tables
from apps.edges.ledgers import RecordAdmin

CANCEL: Any = {
    "title": "Cancel this training",
    "description": "It stops at its next heartbeat. Finished seeds are kept: a restart takes them over.",
    "form_class": dialogs.NoteDialog,
    "form_submit_text": "Cancel the training",
}
RESTART: Any = {
    "title": "Begin this training again",
    "description": "With the same configuration and periods; the seeds that were finished are taken over.",
    "form_class": dialogs.NoteDialog,
    "form_submit_text": "Begin again",
}
LABELS = {
    "queued": "info",
    "running": "info",
    "done": "success",
    "failed": "danger",
    "cancelled": "warning",
    "interrupted": "warning",
}


@admin.register(TrainingRun)
class TrainingRunAdmin(RecordAdmin):
    belongs: ClassVar = {"agent": "agent__slug"}
    list_display = (
        "number", "agent", "standing", "how_far", "size", "requested_by", "asked", "took", "version", "error",
    )  # fmt: skip
    list_display_links = ("number",)
    list_select_related = ("agent", "version")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("agent", RelatedDropdownFilter),
        ("created_at", RangeDateTimeFilter),
    )
    ordering = ("-id",)
    search_fields = ("agent__slug", "requested_by", "error")
    actions_detail = ("cancel", "restart")
    actions_row = ("cancel", "restart")
    readonly_fields = (
        "standing", "bar", "reward", "learned_on", "judged_on", "took", "told", "made_by", "kept", "size",
    )  # fmt: skip
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("agent", "standing", "version"),
                    "bar",
                    "reward",
                    "error",
                    ("learned_on", "judged_on"),
                    ("size", "deploy", "took"),
                    ("requested_by", "cancel_requested", "restart_of"),
                    "note",
                )
            },
        ),
        (
            "What it needs to be repeated",
            {"classes": ("tab",), "fields": ("data_hash", "told", "made_by", "kept")},
        ),
        ("Process", {"classes": ("tab",), "fields": ("owner", "heartbeat_at", "started_at", "finished_at")}),
    )

    @display(description="Training", ordering="id")
    def number(self, run: TrainingRun) -> str:
        return f"№ {run.pk}"

    @display(description="Status", ordering="status", label=LABELS)
    def standing(self, run: TrainingRun) -> str:
        return str(run.status)

    @display(description="Done")
    def how_far(self, run: TrainingRun) -> str:
        return pictures.bar(_view(run))

    @display(description="Progress")
    def bar(self, run: TrainingRun) -> str:
        return pictures.bar(_view(run), wide=True)

    @display(description="Mean reward of a step")
    def reward(self, run: TrainingRun) -> str:
        return pictures.reward(_view(run))

    @display(description="Seeds × steps")
    def size(self, run: TrainingRun) -> str:
        return f"{run.config.get('seeds', 0)} × {run.config.get('steps', 0):,}"

    @display(description="Asked for (UTC)", ordering="created_at")
    def asked(self, run: TrainingRun) -> str:
        return figures.moment(run.created_at)

    @display(description="Took")
    def took(self, run: TrainingRun) -> str:
        if run.started_at is None or run.finished_at is None:
            return figures.NONE
        return f"{(run.finished_at - run.started_at).total_seconds():.0f} s"

    @display(description="Learned on (desk time)")
    def learned_on(self, run: TrainingRun) -> str:
        return pictures.period(run.train_from, run.train_to)

    @display(description="Judged on (desk time)")
    def judged_on(self, run: TrainingRun) -> str:
        return pictures.period(run.eval_from, run.eval_to)

    @display(description="Configuration")
    def told(self, run: TrainingRun) -> str:
        plain = {name: value for name, value in run.config.items() if name != "terms"}
        return tables.pairs(plain | run.config.get("terms", {}))

    @display(description="Made by")
    def made_by(self, run: TrainingRun) -> str:
        return tables.pairs(run.fingerprint) if run.fingerprint else figures.NONE

    @display(description="Weights that are kept")
    def kept(self, run: TrainingRun) -> str:
        return tables.table(
            ("Seed", "Content hash", "Complete", "Kept (UTC)"),
            (
                (row.seed, row.content_hash[:16], "✓ yes" if row.complete else "✗ it diverged",
                 figures.moment(row.created_at))
                for row in run.finished_seeds.all()
            ),
        )  # fmt: skip

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "agent.train", object_id)

    def has_restart_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "agent.train", object_id)

    @action(
        description="Cancel", url_path="cancel", icon="cancel", variant=ActionVariant.WARNING,
        permissions=["cancel"], dialog=CANCEL,
    )  # fmt: skip
    def cancel(self, request: HttpRequest, _form: dialogs.NoteDialog, object_id: str) -> HttpResponse:
        def act() -> str:
            training.cancel(run_id=int(object_id), by=rights.actor(request.user))
            return f"Training {object_id} is told to stop."

        return self._answer(request, object_id, act)

    @action(
        description="Begin again", url_path="restart", icon="restart_alt", variant=ActionVariant.PRIMARY,
        permissions=["restart"], dialog=RESTART,
    )  # fmt: skip
    def restart(self, request: HttpRequest, _form: dialogs.NoteDialog, object_id: str) -> HttpResponse:
        run = TrainingRun.objects.select_related("agent").get(pk=object_id)

        def act() -> str:
            if run.deploy and not rights.may(request.user, "agent.deploy", agent=run.agent.slug):
                raise NotAllowed(f"Training {object_id} deploys its result, and you may not deploy.")
            new = training.restart(run_id=int(object_id), by=rights.actor(request.user))
            return f"Training {new} takes over from {object_id}."

        return self._answer(request, object_id, act)

    def _answer(self, request: HttpRequest, object_id: str, act: Any) -> HttpResponse:
        page = reverse("admin:agents_trainingrun_change", args=(object_id,))
        return dialogs.answer(request, to=page, act=act, errors=(AgentError,))


def _view(run: TrainingRun) -> scorecard.RunView:
    return scorecard.view_of(run)
