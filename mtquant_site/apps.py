from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps

# Any process may send a task (the gateway pokes ingestion), so each needs the configured Celery.
from mtquant_site import celery_app  # noqa: F401


class DeskConfig(AppConfig):
    name = "mtquant_site"
    label = "desk"
    default = True

    def ready(self) -> None:
        # System checks register themselves on import, which needs the loaded registry.
        from mtquant_site import checks  # noqa: F401, PLC0415


class DeskAdminConfig(admin_apps.AdminConfig):
    """Django's admin on our own site."""

    default = False
    default_site = "mtquant_site.admin_site.DeskAdminSite"
