from django.apps import AppConfig


class Config(AppConfig):
    name = "apps.marketdata"
    label = "marketdata"
