from django.apps import AppConfig


class Config(AppConfig):
    name = "apps.brokers"
    label = "brokers"
