"""Commands that need a desk which is up, and say so in one line when it is not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError


class DeskCommand(BaseCommand):
    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except (OperationalError, InterfaceError) as error:
            said = (str(error).splitlines() or [type(error).__name__])[0]
            raise CommandError(
                f"the desk's database does not answer: {said} (./mtquant up starts it)"
            ) from error
