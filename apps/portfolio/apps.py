from django.apps import AppConfig


class Config(AppConfig):
    name = "apps.portfolio"
    label = "portfolio"
