"""Reviews: how risk judged each order, check by check."""

from typing import ClassVar

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter, RangeDateTimeFilter
from unfold.decorators import display

from apps.edges import figures, tables
from apps.edges.ledgers import LedgerAdmin
from apps.risk import overview
from apps.risk.admin import story
from apps.risk.admin.denials import DenialsPage
from apps.risk.admin.measures import MeasuresPage
from apps.risk.models import RiskReview, RiskSnapshot

VERDICT_LABELS = {"approved": "success", "denied": "danger", "refused": "danger"}


@admin.register(RiskReview)
class RiskReviewAdmin(DenialsPage, LedgerAdmin):
    belongs: ClassVar = {"account": "account"}
    list_display = (
        "when",
        "client_order_id",
        "account",
        "source",
        "instrument",
        "answer",
        "why",
        "took",
        "passed_soft",
    )
    list_display_links = ("when", "client_order_id")
    list_filter = (
        ("verdict", ChoicesDropdownFilter),
        ("account", FieldTextFilter),
        ("source", FieldTextFilter),
        ("instrument", FieldTextFilter),
        "soft",
        ("created_at", RangeDateTimeFilter),
    )
    search_fields = ("client_order_id", "source", "instrument")
    readonly_fields = (
        "answer",
        "took",
        "checks",
        "sized",
        "order",
        "asked",
        "prices",
        "breakers",
        "versions",
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("client_order_id", "source"),
                    ("account", "instrument"),
                    ("answer", "took"),
                    "checks",
                    "sized",
                    "order",
                )
            },
        ),
        ("Request", {"classes": ("tab",), "fields": ("asked",)}),
        ("What it was judged by", {"classes": ("tab",), "fields": ("prices", "breakers", "versions")}),
    )

    @display(description="When (UTC)", ordering="pk")
    def when(self, review: RiskReview) -> str:
        return figures.moment(review.created_at)

    @display(description="Verdict", ordering="verdict", label=VERDICT_LABELS)
    def answer(self, review: RiskReview) -> str:
        return str(review.verdict)

    @display(description="Took", ordering="elapsed_ms")
    def took(self, review: RiskReview) -> str:
        return f"{review.elapsed_ms:.1f} ms"

    @display(description="Denied by")
    def why(self, review: RiskReview) -> str:
        return ", ".join(
            str(reason.get("check", "")) for reason in review.reasons if isinstance(reason, dict)
        )

    @display(description="Soft limit", label={"passed": "warning"})
    def passed_soft(self, review: RiskReview) -> str:
        return "passed" if review.soft else ""

    @display(description="Every check")
    def checks(self, review: RiskReview) -> str:
        return story.checks(review)

    @display(description="Sizing")
    def sized(self, review: RiskReview) -> str:
        return story.sizing(review)

    @display(description="What was asked")
    def asked(self, review: RiskReview) -> str:
        return tables.pairs(review.request)

    @display(description="Order")
    def order(self, review: RiskReview) -> str:
        return story.order(review)

    @display(description="Quotes used")
    def prices(self, review: RiskReview) -> str:
        return story.quotes(review)

    @display(description="Breaker levels")
    def breakers(self, review: RiskReview) -> str:
        return story.levels(review)

    @display(description="Limits in force")
    def versions(self, review: RiskReview) -> str:
        return story.versions(review)


@admin.register(RiskSnapshot)
class RiskSnapshotAdmin(MeasuresPage, LedgerAdmin):
    belongs: ClassVar = {"scope": "scope"}
    list_display = (
        "desk_time", "of", "currency", "worth", "loss", "exposure", "margin", "deviation", "at_risk",
        "shortfall", "open_orders", "marks_good", "fault",
    )  # fmt: skip
    list_filter = (("scope", FieldTextFilter), ("desk_at", RangeDateTimeFilter), "marks_good")

    @display(description="Desk time", ordering="desk_at")
    def desk_time(self, row: RiskSnapshot) -> str:
        return figures.moment(row.desk_at)

    @display(description="Scope", ordering="scope")
    def of(self, row: RiskSnapshot) -> str:
        return overview.scope_name(row.scope)

    @display(description="Equity")
    def worth(self, row: RiskSnapshot) -> str:
        return figures.money(row.equity)

    @display(description="Loss")
    def loss(self, row: RiskSnapshot) -> str:
        return figures.share(row.drawdown)

    @display(description="Gross exposure")
    def exposure(self, row: RiskSnapshot) -> str:
        return figures.money(row.gross)

    @display(description="Margin")
    def margin(self, row: RiskSnapshot) -> str:
        return figures.money(row.margin_used)

    @display(description="Sigma")
    def deviation(self, row: RiskSnapshot) -> str:
        return figures.money(row.sigma)

    @display(description="VaR")
    def at_risk(self, row: RiskSnapshot) -> str:
        return figures.money(row.var)

    @display(description="ES")
    def shortfall(self, row: RiskSnapshot) -> str:
        return figures.money(row.es)
