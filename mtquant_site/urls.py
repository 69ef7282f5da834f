"""The whole URL map."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularRedocView, SpectacularSwaggerView

from mtquant_site import health, spa

urlpatterns: list[URLPattern | URLResolver] = [
    path("", spa.home),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("mtquant_site.api.urls")),
    path("api/schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path(
        "api/redoc/",
        SpectacularRedocView.as_view(url_name="schema", template_name="mtquant/redoc.html"),
        name="redoc",
    ),
    # Pages of the web app, and its assets as far as WhiteNoise did not list them when this process began.
    re_path(r"^(?:login|trade|agents|orders)(?:/.*)?$", spa.page, name="app"),
    path("static/app/<path:name>", spa.asset),
]
handler400 = "apps.edges.problems.bad_request"
handler404 = "apps.edges.problems.not_found"
handler500 = "apps.edges.problems.failed"
