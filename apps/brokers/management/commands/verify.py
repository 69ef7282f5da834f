"""Compare the ledger with the venue's own log; exit 1 when they differ."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.brokers.verification import LogUnreadableError, Verification, compare


class Command(BaseCommand):
    help = "Compare orders, fills, positions and cash with the venue's own log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--log", type=Path, default=settings.MTQ_VENUE_LOG)
        parser.add_argument("--wait", type=float, default=10.0, help="seconds for the ledger to catch up")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            found = compare(log_path=options["log"], wait_s=options["wait"])
        except LogUnreadableError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            self.stdout.write(json.dumps(found.as_dict()))
        else:
            self._print(found)
        if not found.agrees:
            sys.exit(1)

    def _print(self, found: Verification) -> None:
        cash = ", ".join(f"{account} {amount}" for account, amount in found.cash.items())
        verdict = "all equal" if found.agrees else f"{len(found.differences)} differences"
        self.stdout.write(
            f"{verdict}: {found.orders} orders, {found.fills} fills, {found.positions} open positions, "
            f"cash {cash}; up to line {found.cut_seq} of the venue's log ({found.cut_desk_at})"
        )
        for line in found.differences:
            self.stdout.write(f"  differs: {line}")
        for line in found.open_doubts:
            self.stdout.write(f"  open doubt: {line}")
