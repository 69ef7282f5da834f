from django.apps import AppConfig


class Config(AppConfig):
    name = "apps.agents"
    label = "agents"
