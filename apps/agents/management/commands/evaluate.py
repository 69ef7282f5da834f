"""`evaluate`: judges a trained version again, on other dates."""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.agents import scorecard, training
from apps.agents.errors import AgentError, HardFaults, TooLittleData
from apps.agents.management import report, verdict
from apps.agents.management.desk_command import DeskCommand
from apps.agents.management.instants import instant
from apps.agents.training import exams
from apps.marketdata.errors import MarketDataError

USAGE, DATA_REFUSED = 2, 3


class Command(DeskCommand):
    help = "Judge a trained version on dates behind its training, keep the result and print the table."
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django's own attribute)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", metavar="VERSION|AGENT", help="an id, 'eurusd-ppo v2', or an agent")
        parser.add_argument("--from", type=instant, metavar="WHEN", help="2015-01-01 or with a time, UTC")
        parser.add_argument("--to", type=instant, metavar="WHEN")
        parser.add_argument("--json", action="store_true", help="print one object")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            version_id = exams.find_version(options["what"])
            asked = exams.exam(version_id=version_id, eval_from=options["from"], eval_to=options["to"])
            judged = verdict.judge(
                asked.market, asked.terms, asked.artefact,
                periods=asked.periods, note=asked.note, agent=asked.agent, seed=verdict.SEED,
            )  # fmt: skip
            training.keep_evaluation(version_id, judged)
        except (TooLittleData, HardFaults) as error:
            raise CommandError(f"data refused: {error}", returncode=DATA_REFUSED) from error
        except (AgentError, MarketDataError) as error:
            raise CommandError(str(error), returncode=USAGE) from error
        found = scorecard.evaluation(version_id)
        if found is None:
            return
        if options["json"]:
            self.stdout.write(json.dumps(report.evaluation_as_json(found), default=report.plain))
        else:
            self.stdout.write(report.comparison(found))
