"""The staff's site: the desk's home page, its header on every page, and the way in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.sites import UnfoldAdminSite

from apps.edges.dialogs import remember_password
from mtquant_site import home
from mtquant_site.banner import banner


class DeskAdminSite(UnfoldAdminSite):
    index_title = "Desk"

    def extra_urls(self) -> list[URLPattern]:
        return [path("desk/", self.admin_view(self.desk), name="desk")]

    def extra_context(self, context: dict[str, Any], _request: HttpRequest) -> dict[str, Any]:
        """Show on every page which world this is and what time its market has."""
        return context | {"banner": banner()}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"desk": home.look(request.user)} | (extra_context or {})
        return super().index(request, shown)  # type: ignore[no-any-return]

    def desk(self, request: HttpRequest) -> HttpResponse:
        """Answer the home page's moving part, which the page asks for every few seconds."""
        return TemplateResponse(
            request, "mtquant/desk.html", {"desk": home.look(request.user), "banner": banner(), "oob": True}
        )

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().login(request, extra_context)
        if request.method == "POST" and response.status_code == 302:
            remember_password(request)
        return response
