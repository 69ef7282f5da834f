"""Sizing rules: every version of them, and the dialogs that propose another to a second person."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.contrib.filters.admin import FieldTextFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from apps.edges import dialogs, figures
from apps.edges.ledgers import RecordAdmin
from apps.risk.admin import proposing
from apps.risk.admin.limits import InForceFilter, Versioned
from apps.risk.changes.sizing_kinds import SIZING
from apps.risk.domain.change import ChangeKind, Payload
from apps.risk.errors import BadChange
from apps.risk.models import SizingRule
from apps.risk.models.sizing import KELLY_KINDS, TIMEFRAMES

NOT_USED = ("", "not used")
SHARES = {
    "risk_fraction": "Share of equity lost at the stop: 0.01 is one per cent. Empty: not used.",
    "assumed_stop": "Share of the price where an order names no stop. Empty: such an order is denied.",
    "target_volatility": "Yearly volatility of the position as a share of equity. Empty: not used.",
    "kelly_fraction": "Part of the Kelly share that is used: 0.25 is a quarter.",
    "kelly_cap": "At most: of equity lost at the stop if discrete, of notional over equity if continuous.",
    "kelly_probe": "Share of equity at risk below 30 closed trades: 0.001 is a tenth of one per cent.",
    "atr_share": "Share of equity lost over the multiple of the range.",
    "atr_multiple": "Average true ranges that the price may move.",
}


def _number(help_text: str) -> forms.DecimalField:
    return forms.DecimalField(
        max_digits=28, decimal_places=10, required=False, widget=UnfoldAdminTextInputWidget(),
        help_text=help_text,
    )  # fmt: skip


class SizingDialog(dialogs.ReasonDialog):
    """Asks for the figures of a rule, beginning with those of the version it is opened on."""

    risk_fraction = _number(SHARES["risk_fraction"])
    assumed_stop = _number(SHARES["assumed_stop"])
    target_volatility = _number(SHARES["target_volatility"])
    kelly_kind = forms.ChoiceField(
        choices=[NOT_USED, *KELLY_KINDS], required=False, widget=UnfoldAdminSelectWidget(),
        help_text="Sizes by the last 250 closed trades of the policy.",
    )  # fmt: skip
    kelly_fraction = _number(SHARES["kelly_fraction"])
    kelly_cap = _number(SHARES["kelly_cap"])
    kelly_probe = _number(SHARES["kelly_probe"])
    atr_timeframe = forms.ChoiceField(
        choices=[NOT_USED, *TIMEFRAMES], required=False, widget=UnfoldAdminSelectWidget(),
        help_text="Sizes by the average true range of 14 bars.",
    )  # fmt: skip
    atr_share = _number(SHARES["atr_share"])
    atr_multiple = _number(SHARES["atr_multiple"])
    drawdown_scaling = forms.BooleanField(
        required=False, widget=UnfoldBooleanSwitchWidget(),
        help_text="All of it allows less the nearer a loss is to the breaker's second level.",
    )  # fmt: skip
    field_order = (
        "source", "risk_fraction", "assumed_stop", "target_volatility",
        "kelly_kind", "kelly_fraction", "kelly_cap", "kelly_probe",
        "atr_timeframe", "atr_share", "atr_multiple", "drawdown_scaling", "reason",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.begun_with()
        if row is None:
            return
        for name in ("kelly_kind", "atr_timeframe", "drawdown_scaling"):
            self.fields[name].initial = getattr(row, name)
        for name in SHARES:
            value = getattr(row, name)
            self.fields[name].initial = None if value is None else figures.plain(value)

    def begun_with(self) -> SizingRule | None:
        return SizingRule.objects.get(pk=self.object_id)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                SIZING.clean(self.payload(cleaned))
            except BadChange as error:
                # On a field, since the theme's dialogs show no errors of the form as a whole.
                self.add_error("risk_fraction", str(error))
        return cleaned

    def payload(self, cleaned: dict[str, Any]) -> Payload:
        """Return what is proposed."""
        words = {name: cleaned[name] for name in ("kelly_kind", "atr_timeframe")}
        scaling = "yes" if cleaned["drawdown_scaling"] else "no"
        numbers = {name: cleaned[name] for name in SHARES}
        return {"source": self.source(cleaned), "drawdown_scaling": scaling, **words, **numbers}

    def source(self, cleaned: dict[str, Any]) -> str:
        del cleaned
        row = self.begun_with()
        return row.source if row else ""


class NewSizingDialog(SizingDialog):
    """Asks whom the rule is for as well."""

    source_of_orders = forms.CharField(
        label="Source", max_length=100, widget=UnfoldAdminTextInputWidget(),
        help_text="agent:SLUG, user:ID or token:PREFIX; a last * stands for every end. "
        "The longest that matches a source sizes it.",
    )  # fmt: skip
    field_order = ("source_of_orders", *SizingDialog.field_order[1:])

    def begun_with(self) -> SizingRule | None:
        return None

    def source(self, cleaned: dict[str, Any]) -> str:
        return str(cleaned["source_of_orders"])


WAITS = "Nothing changes until a second person approves exactly these figures, within a day."
PROPOSE: Any = {
    "title": "Propose another sizing rule",
    "description": WAITS,
    "form_class": SizingDialog,
    "form_submit_text": "Propose",
}
PROPOSE_NEW: Any = {
    "title": "Propose a sizing rule",
    "description": WAITS,
    "form_class": NewSizingDialog,
    "form_submit_text": "Propose",
}


@admin.register(SizingRule)
class SizingRuleAdmin(Versioned, RecordAdmin):
    belongs: ClassVar = {"scope": "source"}
    list_display = (
        "source", "at_risk", "volatility", "by_kelly", "by_range", "after_losses", "status", "begins",
        "version", "reason",
    )  # fmt: skip
    list_filter = (InForceFilter, ("source", FieldTextFilter))
    search_fields = ("source", "reason")
    readonly_fields = (
        "status", "begins", "at_risk", "stop", "volatility", "by_kelly", "by_range", "after_losses",
    )  # fmt: skip
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("source", "status"),
                    ("at_risk", "stop"),
                    ("volatility", "by_range"),
                    ("by_kelly", "after_losses"),
                    ("version", "begins"),
                    ("changed_by", "ended_at"),
                    "reason",
                )
            },
        ),
    )
    actions_detail = ("propose",)
    actions_row = ("propose",)
    actions_list = ("propose_new",)

    @display(description="Risk a trade", ordering="risk_fraction")
    def at_risk(self, row: SizingRule) -> str:
        return figures.share(row.risk_fraction)

    @display(description="Volatility a year", ordering="target_volatility")
    def volatility(self, row: SizingRule) -> str:
        return figures.share(row.target_volatility)

    @display(description="Assumed stop")
    def stop(self, row: SizingRule) -> str:
        return figures.share(row.assumed_stop)

    @display(description="Kelly")
    def by_kelly(self, row: SizingRule) -> str:
        if row.kelly_fraction is None:
            return figures.NONE
        most = figures.share(row.kelly_cap)
        return f"{figures.plain(row.kelly_fraction)} × {row.kelly_kind}, at most {most}"

    @display(description="True range")
    def by_range(self, row: SizingRule) -> str:
        if row.atr_multiple is None:
            return figures.NONE
        return f"{figures.share(row.atr_share)} over {figures.plain(row.atr_multiple)} × {row.atr_timeframe}"

    @display(description="After losses", label={"less": "warning"})
    def after_losses(self, row: SizingRule) -> str:
        return "less" if row.drawdown_scaling else "the same"

    def has_propose_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "change.propose", object_id)

    @action(
        description="Propose", url_path="propose", icon="expand", variant=ActionVariant.WARNING,
        permissions=["propose"], dialog=PROPOSE,
    )  # fmt: skip
    def propose(self, request: HttpRequest, form: SizingDialog, object_id: str) -> HttpResponse:
        del object_id
        return _propose(request, form)

    @action(
        description="Propose a rule", url_path="propose-rule", icon="add", variant=ActionVariant.PRIMARY,
        permissions=["propose"], dialog=PROPOSE_NEW,
    )  # fmt: skip
    def propose_new(self, request: HttpRequest, form: NewSizingDialog) -> HttpResponse:
        return _propose(request, form)


def _propose(request: HttpRequest, form: SizingDialog) -> HttpResponse:
    payload, reason = form.payload(form.cleaned_data), form.cleaned_data["reason"]
    return proposing.propose(request, kind=ChangeKind.SIZING, payload=payload, reason=reason)
