"""What accounts hold: positions, equity and money."""

from decimal import Decimal
from typing import ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from unfold.contrib.filters.admin import FieldTextFilter, RangeDateTimeFilter, RelatedDropdownFilter
from unfold.decorators import display

from apps.edges import figures
from apps.edges.granting import AccountGrantsAdmin
from apps.edges.ledgers import LedgerAdmin, RecordAdmin
from apps.marketdata import clock, instruments, quotes
from apps.marketdata.errors import MarketDataError
from apps.portfolio.models import Account, CashFlow, EquitySnapshot, Position


@admin.register(Position)
class PositionAdmin(RecordAdmin):
    belongs: ClassVar = {"account": "account__slug"}
    list_display = (
        "instrument", "account", "owner", "way", "lots", "average", "mark", "open_result", "result",
        "moved",
    )  # fmt: skip
    list_select_related = ("account",)
    list_filter = (
        ("account", RelatedDropdownFilter),
        ("instrument", FieldTextFilter),
        ("source", FieldTextFilter),
    )
    search_fields = ("instrument", "source")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Position]:
        rows: QuerySet[Position] = super().get_queryset(request)
        return (
            rows
            if request.resolver_match and "object_id" in request.resolver_match.kwargs
            else rows.exclude(quantity=0)
        )

    @display(description="Of", ordering="source")
    def owner(self, position: Position) -> str:
        return position.source or "account (net)"

    @display(description="Side", label={"long": "info", "short": "warning"})
    def way(self, position: Position) -> str:
        return "long" if position.quantity > 0 else "short"

    @display(description="Lots", ordering="quantity")
    def lots(self, position: Position) -> str:
        return figures.plain(abs(position.quantity))

    @display(description="Average price")
    def average(self, position: Position) -> str:
        return figures.readable(figures.plain(position.average_price))

    @display(description="Mark")
    def mark(self, position: Position) -> str:
        price = _mark(position)
        return "no fresh quote" if price is None else figures.plain(price)

    @display(description="Open profit")
    def open_result(self, position: Position) -> str:
        price, spec = _mark(position), instruments.specs().get(position.instrument)
        if price is None or spec is None:
            return figures.NONE
        profit = (price - position.average_price) * position.quantity * spec.contract_size
        return format_html("{}{}{}", figures.gain(profit), figures.TIED, spec.quote_currency)

    @display(description="Realized", ordering="realized")
    def result(self, position: Position) -> str:
        return format_html("{}{}{}", figures.gain(position.realized), figures.TIED, position.account.currency)

    @display(description="Moved (UTC)", ordering="updated_at")
    def moved(self, position: Position) -> str:
        return figures.moment(position.updated_at)


def _mark(position: Position) -> Decimal | None:
    """Return the price at which the position would be closed now, or None without a quote to rely on."""
    try:
        held = quotes.fresh([position.instrument], now=clock.desk_now())
    except MarketDataError:
        return None
    quote = held.get(position.instrument)
    if quote is None:
        return None
    return quote.bid if position.quantity > 0 else quote.ask


@admin.register(EquitySnapshot)
class EquitySnapshotAdmin(LedgerAdmin):
    belongs: ClassVar = {"account": "account__slug"}
    list_display = ("desk_time", "account", "worth", "in_cash", "open_result", "margin", "exposure")
    list_select_related = ("account",)
    list_filter = (("account", RelatedDropdownFilter), ("desk_at", RangeDateTimeFilter))

    @display(description="Desk time", ordering="desk_at")
    def desk_time(self, row: EquitySnapshot) -> str:
        return figures.moment(row.desk_at)

    @display(description="Equity", ordering="equity")
    def worth(self, row: EquitySnapshot) -> str:
        return figures.money(row.equity)

    @display(description="Cash")
    def in_cash(self, row: EquitySnapshot) -> str:
        return figures.money(row.cash)

    @display(description="Open profit", ordering="open_profit")
    def open_result(self, row: EquitySnapshot) -> str:
        return figures.gain(row.open_profit)

    @display(description="Margin")
    def margin(self, row: EquitySnapshot) -> str:
        return figures.money(row.margin_used)

    @display(description="Gross exposure")
    def exposure(self, row: EquitySnapshot) -> str:
        return figures.money(row.gross)


@admin.register(CashFlow)
class CashFlowAdmin(LedgerAdmin):
    belongs: ClassVar = {"account": "account__slug"}
    list_display = ("moved_at", "account", "kind", "moved", "movement_id")
    list_select_related = ("account",)
    list_filter = (("account", RelatedDropdownFilter), "kind")

    @display(description="Amount", ordering="amount")
    def moved(self, row: CashFlow) -> str:
        return figures.gain(row.amount)


@admin.register(Account)
class AccountAdmin(AccountGrantsAdmin):
    belongs: ClassVar = {"account": "slug"}
    list_display = (
        "slug", "name", "mode", "currency", "in_cash", "leverage_shown", "hedging", "enabled",
        "entries_blocked",
    )  # fmt: skip
    list_filter = ("environment", "enabled")
    search_fields = ("slug", "name", "login")
    actions_detail = ("account_rights",)

    @display(description="Environment", ordering="environment", label={"paper": "warning", "live": "danger"})
    def mode(self, account: Account) -> str:
        return str(account.environment)

    @display(description="Cash", ordering="cash")
    def in_cash(self, account: Account) -> str:
        return figures.money(account.cash)

    @display(description="Leverage")
    def leverage_shown(self, account: Account) -> str:
        return f"1:{figures.plain(account.leverage)}"
