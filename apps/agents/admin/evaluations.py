"""Pages of evaluations: the comparison with the baselines, equity and drawdown, and the tear sheet."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from apps.agents import policies, scorecard
from apps.agents.admin import pictures
from apps.agents.errors import PolicyChanged
from apps.agents.models import Evaluation
from apps.edges import figures
from apps.edges.ledgers import LedgerAdmin

# The tear sheet is a page of its own that runs nothing and fetches nothing.
POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@admin.register(Evaluation)
class EvaluationAdmin(LedgerAdmin):
    belongs: ClassVar = {"agent": "version__run__agent__slug"}
    list_display = (
        "when", "version", "net", "against_flat", "against_holding", "sharpe", "fell", "spread_label", "days",
    )  # fmt: skip
    list_display_links = ("when",)
    list_select_related = ("version",)
    list_filter = (("created_at", RangeDateTimeFilter),)
    search_fields = ("version__name", "data_hash")
    readonly_fields = ("period_shown", "comparison")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("version", "period_shown"),
                    "note",
                    "comparison",
                    ("cost_version", "spread_label"),
                    "data_hash",
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("equity", "drawdown", "members")

    def get_urls(self) -> list[URLPattern]:
        sheet = path(
            "<int:object_id>/tearsheet/",
            self.admin_site.admin_view(self.tear_sheet_view),
            name="agents_evaluation_tearsheet",
        )
        return [sheet, *super().get_urls()]

    def tear_sheet_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Answer with the one page that the evaluation keeps, for those who may see its agent."""
        row = self.get_queryset(request).filter(pk=object_id).first()
        if row is None or not self.has_view_permission(request) or not row.tear_sheet:
            raise Http404
        try:
            content = policies.read(row.tear_sheet.name)
        except PolicyChanged as error:
            raise Http404(str(error)) from error
        return HttpResponse(content, headers={"Content-Security-Policy": POLICY})

    @display(description="Judged (UTC)", ordering="created_at")
    def when(self, row: Evaluation) -> str:
        return figures.moment(row.created_at)

    @display(description="Net return")
    def net(self, row: Evaluation) -> str:
        return pictures.percent(_score(row, "agent"))

    @display(description="Against nothing")
    def against_flat(self, row: Evaluation) -> str:
        return pictures.difference(_score(row, "agent"), _score(row, "flat"))

    @display(description="Against holding")
    def against_holding(self, row: Evaluation) -> str:
        return pictures.difference(_score(row, "agent"), _score(row, "buy-and-hold"))

    @display(description="Sharpe")
    def sharpe(self, row: Evaluation) -> str:
        found = _score(row, "agent")
        return figures.NONE if found is None or found.sharpe is None else f"{found.sharpe:+.2f}"

    @display(description="Deepest fall")
    def fell(self, row: Evaluation) -> str:
        found = _score(row, "agent")
        return figures.share(found.max_drawdown if found else None)

    @display(description="Days")
    def days(self, row: Evaluation) -> str:
        return f"{(row.eval_to - row.eval_from).total_seconds() / 86_400:.0f}"

    @display(description="Period (desk time)")
    def period_shown(self, row: Evaluation) -> str:
        return pictures.period(row.eval_from, row.eval_to)

    @display(description="Beside the baselines, after all costs")
    def comparison(self, row: Evaluation) -> str:
        return pictures.judged(scorecard.evaluation_view(row.pk))


def _score(row: Evaluation, name: str) -> scorecard.Score | None:
    return next((score for score in scorecard.scores(row.rows) if score.name == name), None)
