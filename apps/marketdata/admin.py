"""Pages of market data: what is traded, how far it is known, what was imported, what was wrong."""

from django.contrib import admin
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter, RangeDateTimeFilter
from unfold.decorators import display

from apps.edges import figures
from apps.edges.ledgers import LedgerAdmin, RecordAdmin
from apps.marketdata.models import DataSet, FeedRun, Instrument, QualityReport


@admin.register(Instrument)
class InstrumentAdmin(RecordAdmin):
    list_display = (
        "name", "currencies", "contract", "tick", "step", "least", "most", "margin", "session_rule", "source",
    )  # fmt: skip
    list_filter = (("session_rule", ChoicesDropdownFilter), ("source", FieldTextFilter))
    search_fields = ("name", "venue_symbol")
    readonly_fields = ("contract", "tick", "step", "least", "most", "margin")
    exclude = ("contract_size", "tick_size", "lot_step", "lot_min", "lot_max", "margin_rate")

    @display(description="Base / quote")
    def currencies(self, row: Instrument) -> str:
        return f"{row.base_currency} / {row.quote_currency}"

    @display(description="Contract size", ordering="contract_size")
    def contract(self, row: Instrument) -> str:
        return figures.plain(row.contract_size)

    @display(description="Tick")
    def tick(self, row: Instrument) -> str:
        return figures.plain(row.tick_size)

    @display(description="Lot step")
    def step(self, row: Instrument) -> str:
        return figures.plain(row.lot_step)

    @display(description="Least lots")
    def least(self, row: Instrument) -> str:
        return figures.plain(row.lot_min)

    @display(description="Most lots")
    def most(self, row: Instrument) -> str:
        return figures.plain(row.lot_max)

    @display(description="Margin", ordering="margin_rate")
    def margin(self, row: Instrument) -> str:
        return figures.share(row.margin_rate)


@admin.register(FeedRun)
class FeedRunAdmin(RecordAdmin):
    list_display = ("instrument", "timeframe", "closed", "age", "native", "source")
    list_filter = (
        ("instrument", FieldTextFilter),
        ("timeframe", ChoicesDropdownFilter),
        ("source", FieldTextFilter),
    )
    search_fields = ("instrument", "source")

    @display(description="Closed through (desk time)", ordering="closed_through")
    def closed(self, row: FeedRun) -> str:
        return figures.moment(row.closed_through)

    @display(description="Moved", ordering="announced_at")
    def age(self, row: FeedRun) -> str:
        return f"{max(0, int((timezone.now() - row.announced_at).total_seconds()))} s ago"


@admin.register(QualityReport)
class QualityReportAdmin(LedgerAdmin):
    list_display = ("hour", "instrument", "kind", "weight", "count", "detail", "source")
    list_filter = (
        ("instrument", FieldTextFilter),
        ("kind", FieldTextFilter),
        "hard",
        ("desk_hour_at", RangeDateTimeFilter),
    )
    search_fields = ("instrument", "detail")

    @display(description="Desk hour", ordering="desk_hour_at")
    def hour(self, row: QualityReport) -> str:
        return figures.moment(row.desk_hour_at)

    @display(description="Weight", label={"hard": "danger", "soft": "warning"})
    def weight(self, row: QualityReport) -> str:
        return "hard" if row.hard else "soft"


@admin.register(DataSet)
class DataSetAdmin(LedgerAdmin):
    list_display = (
        "instrument", "timeframe", "bars", "first", "last", "gaps", "crossed", "spread_shown", "origin",
    )  # fmt: skip
    list_filter = (("instrument", FieldTextFilter), ("source", FieldTextFilter))
    search_fields = ("instrument", "origin")

    @display(description="First bar")
    def first(self, row: DataSet) -> str:
        return figures.moment(row.first_at)

    @display(description="Last bar")
    def last(self, row: DataSet) -> str:
        return figures.moment(row.last_at)

    @display(description="Spread", label={"recorded": "success", "assumed": "warning"})
    def spread_shown(self, row: DataSet) -> tuple[str, str]:
        return (
            ("recorded", "recorded") if row.spread == "recorded" else ("assumed", f"assumed ({row.spread})")
        )
