"""What pages that are no list of rows have in common."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from apps.edges import figures

UNITS = {"lots": "{} lots", "times": "× {}", "per_second": "{} a second"}


class Pages:
    """Adds pages beside a model's list, shown to whoever may see the list."""

    admin_site: Any

    def beside(self, route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        """Return the address of a page below the list's own."""

        def guarded(request: HttpRequest) -> HttpResponseBase:
            if not self.has_view_permission(request):  # type: ignore[attr-defined]
                raise PermissionDenied
            return view(request)

        found: URLPattern = path(route, self.admin_site.admin_view(guarded), name=name)
        return found

    def page(self, request: HttpRequest, template: str, **shown: Any) -> HttpResponse:
        """Return a page in the theme's frame."""
        return TemplateResponse(request, template, self.admin_site.each_context(request) | shown)


def figure(value: Decimal | None, unit: str, currency: str = "") -> str:
    """Return a figure with its unit, tied together."""
    if value is None:
        return figures.NONE
    if unit == "money":
        text = f"{figures.money(value)} {currency}".strip()
    elif unit == "count":
        text = figures.money(value, places=0) if value == int(value) else figures.plain(value)
    elif unit == "share":
        text = f"{figures.plain(round(value * 100, 4))} %"
    else:
        text = UNITS.get(unit, "{}").format(figures.readable(f"{value:f}"))
    return text.replace(" ", figures.TIED)
