"""`manage.py audit verify`: walk the hash chains and name the first bad entry of each."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.portfolio import audit


class Command(BaseCommand):
    help = "Verify the audit chains: exit 1 and the first bad entry where one does not hold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "action", choices=["verify", "anchor"], help="anchor: keep every chain's end elsewhere, now"
        )
        parser.add_argument("--account", help="only this account's chain")
        parser.add_argument("--json", action="store_true", help="one object instead of lines")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["action"] == "anchor":
            kept = audit.anchor()
            self.stdout.write(f"the desk's chain is anchored at entry {kept.length}")
            return
        account = options["account"]
        report = audit.verify_all(audit.chain_of(account) if account else "")
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report)))
        else:
            self._tell(report)
        if report.bad:
            raise CommandError(f"{len(report.bad)} of {report.chains} audit chains do not hold")

    def _tell(self, report: audit.Report) -> None:
        for entry in report.bad:
            self.stderr.write(f"{entry.chain}: entry {entry.sequence} is bad: {entry.problem}")
        if not report.bad:
            self.stdout.write(f"{report.chains} audit chains hold, {report.entries} entries")
