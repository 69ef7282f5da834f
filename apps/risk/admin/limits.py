"""Limits and sizing rules: every version of them, and the dialog that changes a limit."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter
from unfold.decorators import display

from apps.edges import figures
from apps.edges.ledgers import RecordAdmin
from apps.risk.models import RiskLimit, SizingRule


class InForceFilter(admin.SimpleListFilter):
    title = "in force"
    parameter_name = "in_force"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "now"), ("no", "ended")]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        return queryset if self.value() is None else queryset.filter(ended_at__isnull=self.value() == "yes")


class Versioned:
    @display(description="State", label={"in force": "success", "ended": None})
    def status(self, row: Any) -> str:
        return "in force" if row.ended_at is None else "ended"

    @display(description="From (UTC)", ordering="effective_from")
    def begins(self, row: Any) -> str:
        return figures.moment(row.effective_from)


@admin.register(RiskLimit)
class RiskLimitAdmin(Versioned, RecordAdmin):
    list_display = (
        "scope", "metric", "instrument", "soft_shown", "hard_shown", "unit", "status", "begins", "version",
        "changed_by", "reason",
    )  # fmt: skip
    list_filter = (
        InForceFilter,
        ("metric", ChoicesDropdownFilter),
        ("scope", FieldTextFilter),
        ("instrument", FieldTextFilter),
    )
    search_fields = ("scope", "metric", "instrument", "reason")
    readonly_fields = ("status", "soft_shown", "hard_shown", "begins")
    exclude = ("soft", "hard", "effective_from")

    @display(description="Soft", ordering="soft")
    def soft_shown(self, row: RiskLimit) -> str:
        return figures.plain(row.soft)

    @display(description="Hard", ordering="hard")
    def hard_shown(self, row: RiskLimit) -> str:
        return figures.plain(row.hard)


@admin.register(SizingRule)
class SizingRuleAdmin(Versioned, RecordAdmin):
    list_display = (
        "source", "at_risk", "volatility", "stop", "status", "begins", "version", "changed_by", "reason",
    )  # fmt: skip
    list_filter = (InForceFilter, ("source", FieldTextFilter))
    search_fields = ("source", "reason")
    readonly_fields = ("status", "at_risk", "volatility", "stop", "begins")
    exclude = ("risk_fraction", "target_volatility", "assumed_stop", "effective_from")

    @display(description="Risk a trade", ordering="risk_fraction")
    def at_risk(self, row: SizingRule) -> str:
        return figures.share(row.risk_fraction)

    @display(description="Volatility a year", ordering="target_volatility")
    def volatility(self, row: SizingRule) -> str:
        return figures.share(row.target_volatility)

    @display(description="Assumed stop")
    def stop(self, row: SizingRule) -> str:
        return figures.share(row.assumed_stop)
