"""`agents list`: what each agent is, by what it decides, and how that compares with every baseline."""

import json
from typing import Any

from django.core.management.base import CommandParser

from apps.agents import scorecard
from apps.agents.management import report
from apps.agents.management.desk_command import DeskCommand


class Command(DeskCommand):
    help = "List agents: instrument, kind, stage, version, scores against each baseline, orders today."
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django's own attribute)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("list",))
        parser.add_argument("--json", action="store_true", help="print one object")

    def handle(self, *_: Any, **options: Any) -> None:
        cards = scorecard.cards()
        if options["json"]:
            content = {"agents": [report.card_as_json(card) for card in cards]}
            self.stdout.write(json.dumps(content, default=report.plain))
            return
        self.stdout.write(report.agents(cards))
        for card in cards:
            if card.note:
                self.stdout.write(f"{card.slug}: {card.note}")
