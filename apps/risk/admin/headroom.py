"""The page of limits with how much of each is used: bars first, figures beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from apps.edges import figures, rights
from apps.risk import overview
from apps.risk.admin.pages import Pages, figure
from apps.risk.overview import Headroom, metric_name, scope_name

WHOLE = Decimal(1)
CLOSED = "no entry passes until it is back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A row of the page, as text: `fill` and `mark` are per cent of the bar's width."""

    scope: str
    limit: str
    link: str
    version: int
    tone: str
    says: str
    used: str
    soft: str
    hard: str
    share: str
    left: str
    fill: str
    mark: str
    spoken: str


class HeadroomPage(Pages):
    """Adds the page to the list of limits."""

    def get_urls(self) -> list[Any]:
        return [self.beside("headroom/", self.headroom, "risk_headroom"), *super().get_urls()]  # type: ignore[misc]

    def headroom(self, request: HttpRequest) -> HttpResponse:
        every = overview.headroom(lambda scope: rights.sees(request.user, scope))
        chosen = {name: request.GET.get(name, "") for name in ("scope", "metric")}
        rows = [row for row in every if _is_chosen(row, chosen)]
        standing = [row for row in rows if not row.each_order]
        return self.page(
            request,
            "risk/headroom.html",
            title="Limits and what is left of them",
            bars=[bar(row) for row in standing],
            bounds=[bar(row) for row in rows if row.each_order],
            over=sorted({scope_name(row.scope) for row in standing if row.is_over}),
            scopes=[(scope, scope_name(scope)) for scope in _distinct(row.scope for row in every)],
            metrics=[(metric, metric_name(metric)) for metric in _distinct(row.metric for row in every)],
            chosen=chosen,
            versions=reverse("admin:risk_risklimit_changelist"),
        )


def _is_chosen(row: Headroom, chosen: dict[str, str]) -> bool:
    return chosen["scope"] in {"", row.scope} and chosen["metric"] in {"", row.metric}


def _distinct(names: Iterable[str]) -> Sequence[str]:
    return sorted({str(name) for name in names})


def bar(row: Headroom) -> Bar:
    """Return a limit as the page shows it."""
    tone, says = _state(row)
    name = metric_name(row.metric) + (f" of {row.counts}" if row.counts else "")
    used, hard = (figure(value, row.unit, row.currency) for value in (row.used, row.hard))
    share = figures.NONE if row.share is None else f"{row.share * 100:.1f}{figures.TIED}%"
    return Bar(
        scope=scope_name(row.scope),
        limit=name + (f" ({row.at})" if row.at else ""),
        link=reverse("admin:risk_risklimit_change", args=(row.limit_id,)),
        version=row.version,
        tone=tone,
        says=says,
        used=used if row.used is not None else "unknown",
        soft=figure(row.soft, row.unit, row.currency),
        hard=hard if row.hard is not None else "unknown",
        share=share,
        left=figure(row.left, row.unit, row.currency),
        fill=_per_cent(WHOLE if row.is_over else row.share),
        mark=_per_cent(_mark(row)) if row.soft else "",
        spoken=f"{name} of {scope_name(row.scope)}: {used} of {hard}, {share} used. {says}".strip(),
    )


def _state(row: Headroom) -> tuple[str, str]:
    """Return the tone of a row, and what it says beside the colour."""
    if row.is_over:
        return "over", CLOSED
    if row.is_soft:
        return "soft", "beyond the soft mark"
    if row.used is None and not row.each_order:
        return "unknown", row.why
    return "good", ""


def _mark(row: Headroom) -> Decimal | None:
    """Return where the soft mark stands on the way to the limit."""
    if row.soft is None or row.hard is None:
        return None
    part, whole = (row.hard, row.soft) if row.metric.is_floor else (row.soft, row.hard)
    return part / whole


def _per_cent(part: Decimal | None) -> str:
    return "0" if part is None else f"{min(WHOLE, max(Decimal(0), part)) * 100:.1f}"
