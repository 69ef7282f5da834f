"""Limits: every version of them, and the dialogs that change one."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.edges import dialogs, figures, rights
from apps.edges.ledgers import RecordAdmin
from apps.risk import changes
from apps.risk.admin import proposing
from apps.risk.admin.headroom import HeadroomPage
from apps.risk.admin.limit_dialogs import NEW, PROPOSE, PROPOSE_END, TIGHTEN, LimitDialog, NewLimitDialog
from apps.risk.domain.change import ChangeKind, Payload
from apps.risk.domain.limits import Limit, Metric, Unit
from apps.risk.errors import RiskError
from apps.risk.models import RiskLimit

WORDS = {
    Unit.LOTS: "{} lots",
    Unit.MONEY: "{} {}",
    Unit.EQUITY: "{} × equity",
    Unit.COUNT: "{}",
    Unit.TIMES: "× {}",
    Unit.PER_SECOND: "{} a second",
}


def amount(value: Decimal | None, unit: str, scope: str) -> str:
    """Return a limit's value with what it counts in; a share is shown per cent.

    Money of an account is in its own currency, of desk and source in the base currency.
    """
    if value is None:
        return figures.NONE
    if unit == Unit.SHARE:
        return f"{figures.plain(value * 100)}{figures.TIED}%"
    money = "in the account's currency" if scope.startswith("account:") else settings.MTQ_BASE_CURRENCY
    return WORDS[Unit(unit)].format(figures.plain(value), money).replace(" ", figures.TIED)


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
    search_fields = ("scope", "metric", "instrument", "currency", "reason")
    readonly_fields = ("status", "soft_shown", "hard_shown", "begins")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("scope", "metric"),
                    ("instrument", "currency"),
                    ("unit", "loss_base"),
                    ("hard_shown", "soft_shown"),
                    ("status", "begins"),
                    ("version", "ended_at"),
                    "changed_by",
                    "reason",
                )
            },
        ),
    )
    actions_detail = ("tighten", "propose", "propose_end")
    actions_row = ("tighten", "propose", "propose_end")
    actions_list = ("add_limit",)

    @display(description="Soft", ordering="soft")
    def soft_shown(self, row: RiskLimit) -> str:
        return amount(row.soft, row.unit, row.scope)

    @display(description="Hard", ordering="hard")
    def hard_shown(self, row: RiskLimit) -> str:
        return amount(row.hard, row.unit, row.scope)

    @display(description="Of", ordering="instrument")
    def where(self, row: RiskLimit) -> str:
        return row.instrument or row.currency or "every"

    def has_tighten_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "limit.tighten", object_id)

    def has_propose_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.allows(request, "change.propose", object_id)

    @action(
        description="Tighten", url_path="tighten", icon="compress", variant=ActionVariant.PRIMARY,
        permissions=["tighten"], dialog=TIGHTEN,
    )  # fmt: skip
    def tighten(self, request: HttpRequest, form: LimitDialog, object_id: str) -> HttpResponse:
        del object_id

        def act() -> str:
            _set(form.wanted(), request, form)
            return f"{form.limit.get_metric_display()} of {form.limit.scope} has a new version in force."

        return _answer(request, act)

    @action(
        description="Propose", url_path="propose", icon="expand", variant=ActionVariant.WARNING,
        permissions=["propose"], dialog=PROPOSE,
    )  # fmt: skip
    def propose(self, request: HttpRequest, form: LimitDialog, object_id: str) -> HttpResponse:
        del object_id
        return _propose(request, form, ChangeKind.LIMIT, changes.payload_of(form.wanted()))

    @action(
        description="End", url_path="propose-end", icon="delete", permissions=["propose"], dialog=PROPOSE_END
    )
    def propose_end(self, request: HttpRequest, form: dialogs.ReasonDialog, object_id: str) -> HttpResponse:
        row = RiskLimit.objects.get(pk=object_id)
        names = ("scope", "metric", "instrument", "currency")
        payload = {name: getattr(row, name) for name in names}
        return _propose(request, form, ChangeKind.LIMIT_END, payload)

    @action(
        description="Add a limit", url_path="add-limit", icon="add", variant=ActionVariant.PRIMARY,
        permissions=["tighten"], dialog=NEW,
    )  # fmt: skip
    def add_limit(self, request: HttpRequest, form: NewLimitDialog) -> HttpResponse:
        given = form.cleaned_data
        wanted = Limit(
            scope=given["scope"],
            metric=Metric(given["metric"]),
            instrument=given["instrument"],
            currency=given["currency"],
            hard=given["hard"],
            soft=given["soft"],
            unit=Unit(given["unit"]),
        )

        def act() -> str:
            _set(wanted, request, form)
            return f"{wanted.metric.value.replace('_', ' ')} of {wanted.scope} is limited from now on."

        return _answer(request, act)


def _set(wanted: Limit, request: HttpRequest, form: dialogs.ReasonDialog) -> None:
    changes.set_limit(
        scope=wanted.scope,
        metric=wanted.metric,
        instrument=wanted.instrument,
        currency=wanted.currency,
        unit=wanted.unit,
        loss_base=wanted.loss_base,
        hard=wanted.hard,
        soft=wanted.soft,
        reason=form.cleaned_data["reason"],
        by=rights.actor(request.user),
    )


def _propose(
    request: HttpRequest, form: dialogs.ReasonDialog, kind: ChangeKind, payload: Payload
) -> HttpResponse:
    return proposing.propose(request, kind=kind, payload=payload, reason=form.cleaned_data["reason"])


def _answer(request: HttpRequest, act: Callable[[], str]) -> HttpResponse:
    to = reverse("admin:risk_risklimit_changelist") + "?in_force=yes"
    return dialogs.answer(request, to=to, act=act, errors=(RiskError,))
