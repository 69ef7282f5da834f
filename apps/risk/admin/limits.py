"""Limits and sizing rules: every version of them, and the dialog that changes a limit."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.edges import dialogs, figures, rights
from apps.edges.ledgers import RecordAdmin
from apps.risk import changes
from apps.risk.admin.headroom import HeadroomPage
from apps.risk.domain.breaker import LossBase
from apps.risk.domain.limits import Metric, Unit
from apps.risk.errors import RiskError
from apps.risk.models import RiskLimit, SizingRule


class LimitDialog(dialogs.ReasonDialog):
    """Asks for the new values, beginning with those in force."""

    looser: ClassVar[bool]
    hard = forms.DecimalField(max_digits=28, decimal_places=10, widget=UnfoldAdminTextInputWidget())
    soft = forms.DecimalField(
        max_digits=28, decimal_places=10, required=False, widget=UnfoldAdminTextInputWidget(),
        help_text="Passes and alerts. Empty: no soft limit.",
    )  # fmt: skip
    field_order = ("hard", "soft", "reason", "password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limit = RiskLimit.objects.get(pk=self.object_id)
        self.fields["hard"].initial = figures.plain(self.limit.hard)
        self.fields["hard"].help_text = f"In {self.limit.unit}."
        if self.limit.soft is not None:
            self.fields["soft"].initial = figures.plain(self.limit.soft)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        hard = cleaned.get("hard")
        if self.limit.ended_at is not None:
            self.add_error("hard", "This version has ended: change the one in force.")
        if hard is not None and self._loosens(hard, cleaned.get("soft")) is not self.looser:
            # On a field, since the theme's dialogs show no errors of the form as a whole.
            self.add_error("hard", f"These values do not {'loosen' if self.looser else 'tighten'} the limit.")
        return cleaned

    def _loosens(self, hard: Decimal, soft: Decimal | None) -> bool | None:
        """Tell whether the values are looser in anything; None where nothing changes."""
        if (hard, soft) == (self.limit.hard, self.limit.soft):
            return None
        pairs = [(hard, self.limit.hard)]
        if self.limit.soft is not None:
            if soft is None:
                return True
            pairs.append((soft, self.limit.soft))
        is_floor = Metric(self.limit.metric).is_floor
        return any(new < old if is_floor else new > old for new, old in pairs)


class TightenDialog(LimitDialog):
    looser = False


class LoosenDialog(LimitDialog, dialogs.FreshPasswordDialog):
    looser = True


TIGHTEN: Any = {
    "title": "Tighten this limit",
    "description": "It acts at once: entries approved before and not yet sent are refused at the last gate.",
    "form_class": TightenDialog,
    "form_submit_text": "Tighten",
}
LOOSEN: Any = {
    "title": "Loosen this limit",
    "description": "More may be lost from now on. This desk asks for the risk role, a reason and a fresh "
    "password; from a later release on a second person must agree before it acts.",
    "form_class": LoosenDialog,
    "form_submit_text": "Loosen",
}


WORDS = {
    Unit.LOTS: "{} lots",
    Unit.MONEY: "{} in the account's currency",
    Unit.EQUITY: "{} × equity",
    Unit.COUNT: "{}",
    Unit.TIMES: "× {}",
}


def amount(value: Decimal | None, unit: str) -> str:
    """Return a limit's value with what it counts in; a share is shown per cent."""
    if value is None:
        return figures.NONE
    if unit == Unit.SHARE:
        return f"{figures.plain(value * 100)}{figures.TIED}%"
    return WORDS[Unit(unit)].format(figures.plain(value)).replace(" ", figures.TIED)


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
class RiskLimitAdmin(HeadroomPage, Versioned, RecordAdmin):
    belongs: ClassVar = {"scope": "scope"}
    list_display = (
        "scope", "metric", "where", "soft_shown", "hard_shown", "status", "begins", "reason",
    )  # fmt: skip
    list_filter = (
        InForceFilter,
        ("metric", ChoicesDropdownFilter),
        ("scope", FieldTextFilter),
        ("instrument", FieldTextFilter),
    )
    search_fields = ("scope", "metric", "instrument", "reason")
    readonly_fields = ("status", "soft_shown", "hard_shown", "begins")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("scope", "metric"),
                    ("instrument", "unit"),
                    ("hard_shown", "soft_shown"),
                    ("loss_base", "status"),
                    ("version", "begins"),
                    ("changed_by", "ended_at"),
                    "reason",
                )
            },
        ),
    )
    actions_detail = ("tighten", "loosen")
    actions_row = ("tighten", "loosen")

    @display(description="Soft", ordering="soft")
    def soft_shown(self, row: RiskLimit) -> str:
        return amount(row.soft, row.unit)

    @display(description="Hard", ordering="hard")
    def hard_shown(self, row: RiskLimit) -> str:
        return amount(row.hard, row.unit)

    @display(description="Instrument", ordering="instrument")
    def where(self, row: RiskLimit) -> str:
        return row.instrument or "every"

    def has_tighten_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "limit.tighten", object_id)

    def has_loosen_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "limit.loosen", object_id)

    @action(
        description="Tighten", url_path="tighten", icon="compress", variant=ActionVariant.PRIMARY,
        permissions=["tighten"], dialog=TIGHTEN,
    )  # fmt: skip
    def tighten(self, request: HttpRequest, form: LimitDialog, object_id: str) -> HttpResponse:
        del object_id
        return _change(request, form)

    @action(
        description="Loosen", url_path="loosen", icon="expand", variant=ActionVariant.WARNING,
        permissions=["loosen"], dialog=LOOSEN,
    )  # fmt: skip
    def loosen(self, request: HttpRequest, form: LimitDialog, object_id: str) -> HttpResponse:
        del object_id
        return _change(request, form)


def _change(request: HttpRequest, form: LimitDialog) -> HttpResponse:
    row = form.limit

    def act() -> str:
        changes.set_limit(
            scope=row.scope,
            metric=Metric(row.metric),
            instrument=row.instrument,
            unit=Unit(row.unit),
            loss_base=LossBase(row.loss_base),
            hard=form.cleaned_data["hard"],
            soft=form.cleaned_data["soft"],
            reason=form.cleaned_data["reason"],
            by=rights.actor(request.user),
        )
        return f"{row.get_metric_display()} of {row.scope} has a new version in force."

    to = reverse("admin:risk_risklimit_changelist") + "?in_force=yes"
    return dialogs.answer(request, to=to, act=act, errors=(RiskError,))


@admin.register(SizingRule)
class SizingRuleAdmin(Versioned, RecordAdmin):
    belongs: ClassVar = {"scope": "source"}
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
