"""The whole URL map."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path, re_path

from mtquant_site import health, spa

urlpatterns: list[URLPattern | URLResolver] = [
    path("", spa.home),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    # Pages of the web app, and its assets as far as WhiteNoise did not list them when this process began.
    re_path(r"^(?:login|trade|agents|orders)(?:/.*)?$", spa.page, name="app"),
    path("static/app/<path:name>", spa.asset),
]
