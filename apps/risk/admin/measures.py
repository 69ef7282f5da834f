"""The page of what risk measures: every scope in a row, one of them with methods, exposures, correlations."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from apps.edges import figures, rights
from apps.risk import gauges, overview, snapshots
from apps.risk.admin.pages import Pages, figure
from apps.risk.gauges import ScopeRisk
from apps.risk.overview import Exposure, Measured, scope_name

STALE_AFTER_S = 10  # a round comes every two seconds; entries are denied from five on
MAY_MEASURE = "limit.tighten"
METHODS = {
    "historical": "historical, the days that were",
    "normal": "normal, equal weights",
    "ewma": "EWMA, recent days count more",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    scope: str
    name: str
    link: str
    chosen: bool
    level: Any
    cells: tuple[str, ...]
    age: str
    stale: bool
    missing: str


class MeasuresPage(Pages):
    """Adds the page to the list of snapshots."""

    def get_urls(self) -> list[Any]:
        own = [
            self.beside("figures/", self.figures, "risk_figures"),
            self.beside("measure/", self.measure, "risk_measure"),
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    def figures(self, request: HttpRequest) -> HttpResponse:
        found = {scope: risk for scope, risk in gauges.latest().items() if rights.sees(request.user, scope)}
        order = sorted(found, key=lambda scope: (_RANK.get(scope.partition(":")[0], 9), scope))
        asked = request.GET.get("scope", "")
        chosen = asked if asked in found else next(iter(order), "")
        risk = found.get(chosen)
        return self.page(
            request,
            "risk/figures.html",
            title="What risk measures",
            rows=[_row(found[scope], chosen=scope == chosen) for scope in order],
            one=_one(risk, overview.measured(risk)) if risk else None,
            may_measure=rights.may(request.user, MAY_MEASURE),
        )

    def measure(self, request: HttpRequest) -> HttpResponse:
        """Measure every scope now, with all that pages show."""
        if request.method != "POST" or not rights.may(request.user, MAY_MEASURE):
            raise PermissionDenied
        if snapshots.measure(figures=True):
            messages.success(request, "Every scope was measured.")
        else:
            messages.error(request, "An account was held by others: nothing was measured, ask again.")
        return HttpResponseRedirect(reverse("admin:risk_figures"))


_RANK = {"desk": 0, "account": 1, "source": 2}


def _row(risk: ScopeRisk, *, chosen: bool) -> Row:
    age_s = (timezone.now() - risk.measured_at).total_seconds()
    shown = (
        risk.equity, risk.day_loss, risk.gross, risk.net, risk.margin_used, risk.sigma, risk.var, risk.es,
    )  # fmt: skip
    loss = figures.share(risk.drawdown) if risk.drawdown is not None else "unknown"
    return Row(
        scope=risk.scope,
        name=scope_name(risk.scope),
        link=f"?scope={risk.scope}",
        chosen=chosen,
        level=risk.level,
        cells=(loss, *("unknown" if value is None else figures.money(value) for value in shown)),
        age=f"{max(0, round(age_s))}{figures.TIED}s",
        stale=age_s > STALE_AFTER_S,
        missing=risk.fault if risk.marks_good or risk.fault else "no good marks",
    )


def _one(risk: ScopeRisk, kept: Measured) -> dict[str, Any]:
    """Return one scope's methods, exposures and correlations as the template draws them."""
    currency = risk.currency
    return {
        "name": scope_name(risk.scope),
        "currency": currency,
        "missing": risk.fault,
        "days": kept.days,
        "figured": figures.moment(risk.figured_at),
        "methods": [
            (METHODS.get(one.name, one.name), _told(one.var, currency), _told(one.es, currency))
            for one in kept.methods
        ],
        "charts": [
            chart
            for chart in (
                ("By currency", _bars([e for e in kept.exposures if e.of == "currency"], currency)),
                ("By instrument", _bars(kept.instruments, currency)),
            )
            if chart[1]
        ],
        "correlation": _heat(kept),
    }


def _told(value: Decimal | None, currency: str) -> str:
    return "unknown" if value is None else figure(value, "money", currency)


def _bars(found: Iterable[Exposure], currency: str) -> list[dict[str, Any]]:
    """Return bars from the middle: what is long to the right, what is short to the left."""
    held = list(found)
    most = max((abs(one.amount) for one in held), default=Decimal(0)) or Decimal(1)
    return [
        {
            "name": one.name,
            "side": "long" if one.amount >= 0 else "short",
            "fill": f"{abs(one.amount) / most * 50:.1f}",
            "amount": figure(abs(one.amount), "money", currency),
        }
        for one in held
    ]


def _heat(kept: Measured) -> dict[str, Any] | None:
    found = kept.correlation
    if found is None:
        return None
    rows = [
        (name, [(f"{value:+.2f}", f"{abs(value):.2f}", "up" if value >= 0 else "down") for value in row])
        for name, row in zip(found.names, found.rows, strict=True)
    ]
    return {"names": found.names, "rows": rows}
