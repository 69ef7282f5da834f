"""Writes the schema that the web app's types are made from."""

from typing import Any

from django.core.management import CommandError
from django.core.management.base import BaseCommand, CommandParser

from mtquant_site.api import openapi


class Command(BaseCommand):
    help = "Write frontend/openapi.json; with --check only tell whether it is the schema of this code."
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django's own attribute)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, fail where it differs")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            text = openapi.text()
        except openapi.Unclear as error:
            raise CommandError(f"the schema is not exact:\n{error}") from error
        if not options["check"]:
            openapi.FILE.write_text(text)
        elif not openapi.FILE.exists() or openapi.FILE.read_text() != text:
            raise CommandError(f"{openapi.FILE.name} is not the schema of this code: {openapi.COMMAND}")
