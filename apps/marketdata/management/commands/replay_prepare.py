"""`replay_prepare --data DIR [--data DIR] [--from DATE]`: the user's own bars for a replay."""

import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.marketdata import importing
from apps.marketdata.errors import BadData, StoreUnavailable
from apps.marketdata.feeds import zones

_REFUSED = 3


class Command(BaseCommand):
    help = "Import history from folders of bars and prepare the rest for the simulated venue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", action="append", type=Path, required=True, metavar="DIR")
        parser.add_argument("--from", dest="from_at", metavar="DATE", help="start of the replay, UTC")
        parser.add_argument(
            "--tz", default=zones.MT5_SERVER, help="clock of files that do not say (default: %(default)s)"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            prepared = importing.prepare_replay(
                folders=options["data"],
                from_at=_date(options["from_at"]),
                zone=options["tz"],
                report=self._say,
            )
        except BadData as error:
            self.stderr.write(str(error))
            sys.exit(_REFUSED)
        except StoreUnavailable as error:
            raise CommandError(str(error)) from error
        self._say(
            f"replay of {len(prepared.instruments)} instruments is ready, "
            f"from {prepared.start_at:%Y-%m-%d %H:%M} UTC"
        )

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"--from {text}: give a date like 2018-07-01", returncode=2) from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
