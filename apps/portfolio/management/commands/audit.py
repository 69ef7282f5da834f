"""`manage.py audit verify`: walk the hash chains and name the first bad entry of each."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.portfolio import audit


class Command(BaseCommand):
    help = "Verify the audit chains: exit 1 and the first bad entry where one does not hold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["verify"])
        parser.add_argument("--account", help="only this account's chain")

    def handle(self, *_args: Any, **options: Any) -> None:
        account = options["account"]
        chains = [audit.chain_of(account)] if account else audit.chains()
        found = [audit.verify_chain(chain) for chain in chains]
        bad = [entry for entry in found if entry is not None]
        for entry in bad:
            self.stderr.write(f"{entry.chain}: entry {entry.sequence} is bad: {entry.problem}")
        if bad:
            raise CommandError(f"{len(bad)} of {len(chains)} audit chains do not hold")
        self.stdout.write(f"{len(chains)} audit chains hold, {audit.count(chains)} entries")
