"""`train`: asks for a training and follows it; `train --run ID` is what carries one out."""

import ctypes
import getpass
import json
import logging
import os
import secrets
import signal
import socket
import sys
from decimal import Decimal
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.agents import lifecycle, scorecard, training
from apps.agents.errors import AgentError, Cancelled, HardFaults, LostClaim, TooLittleData
from apps.agents.management import following, report
from apps.agents.management.desk_command import DeskCommand
from apps.agents.management.instants import instant
from apps.agents.scorecard import RunView
from apps.brokers import connections
from apps.marketdata.errors import MarketDataError
from apps.portfolio import overview

USAGE, DATA_REFUSED, INTERRUPTED = 2, 3, 130
PR_SET_PDEATHSIG = 1
DATA = "data refused: "
LOTS = Decimal("0.5")

log = logging.getLogger(__name__)


class Command(DeskCommand):
    help = "Train an agent on the desk's bars and judge it on the later ones; exit 2 usage, 3 data refused."
    requires_system_checks: list[str] = []  # noqa: RUF012 (Django's own attribute)

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--agent", metavar="SLUG", help="an agent that there is")
        what.add_argument(
            "--instrument", metavar="NAME", help="train NAME-ppo, and make it where it is missing"
        )
        what.add_argument(
            "--run", type=int, metavar="ID", help="carry out a training that waits, in this process"
        )
        what.add_argument("--cancel", type=int, metavar="ID", help="stop a training")
        what.add_argument("--restart", type=int, metavar="ID", help="ask again for one that stopped early")
        parser.add_argument("--steps", type=int, default=60_000, help="for each seed (60,000)")
        parser.add_argument("--seeds", type=int, default=3, help="how many networks make the agent (3)")
        for flag, text in (
            ("--from", "the training begins"), ("--to", "the training ends"),
            ("--eval-from", "the evaluation begins"), ("--eval-to", "the evaluation ends"),
        ):  # fmt: skip
            parser.add_argument(
                flag, type=instant, metavar="WHEN", help=f"{text}, 2014-01-01 or with a time, UTC"
            )
        parser.add_argument("--deploy", action="store_true", help="put the result on paper when it is done")
        parser.add_argument("--detach", action="store_true", help="ask for it and return")
        parser.add_argument("--here", action="store_true", help="train in this process, without a trainer")
        parser.add_argument("--json", action="store_true", help="print one object")
        parser.add_argument("--owner", default="", help="for the trainer alone")
        parser.add_argument(
            "--parent", type=int, default=0, help="for the trainer alone: end with this process"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        if options["run"] is not None:
            self._carry_out(options["run"], owner=options["owner"], parent=options["parent"])
            return
        try:
            run_id = self._ask(options)
        except (AgentError, MarketDataError) as error:
            raise CommandError(str(error), returncode=USAGE) from error
        if run_id is None:
            return
        self.stderr.write(f"training {run_id} is queued")
        if options["here"]:
            self._carry_out(run_id, owner="", parent=0)
        if options["detach"] and not options["here"]:
            self._print(scorecard.run_view(run_id), as_json=options["json"])
            return
        self._follow(run_id, as_json=options["json"])

    def _ask(self, options: dict[str, Any]) -> int | None:
        training.sweep()  # where no trainer runs, nobody else ends what has died
        by = f"cli:{getpass.getuser()}"
        if options["cancel"] is not None:
            training.cancel(run_id=options["cancel"], by=by)
            self.stderr.write(f"training {options['cancel']} is told to stop")
            return None
        if options["restart"] is not None:
            return training.restart(run_id=options["restart"], by=by)
        return training.queue(
            agent_slug=options["agent"] or _agent_for(options["instrument"], by=by),
            config={"steps": options["steps"], "seeds": options["seeds"]},
            deploy=options["deploy"],
            by=by,
            train_from=options["from"],
            train_to=options["to"],
            eval_from=options["eval_from"],
            eval_to=options["eval_to"],
        )

    def _follow(self, run_id: int, *, as_json: bool) -> None:
        try:
            run = following.follow(run_id, to=sys.stderr)
        except KeyboardInterrupt:
            self.stderr.write(f"\ntraining {run_id} goes on. To stop it: ./mtquant train --cancel {run_id}")
            sys.exit(INTERRUPTED)
        self._print(run, as_json=as_json)
        if run.status != "done":
            code = DATA_REFUSED if run.error.startswith(DATA) else 1
            raise CommandError(
                f"training {run_id} is {run.status}: {run.error or 'as asked'}", returncode=code
            )

    def _print(self, run: RunView, *, as_json: bool) -> None:
        found = scorecard.evaluation(run.version) if run.version else None
        if as_json:
            content = {
                "run": report.run_as_json(run),
                "evaluation": report.evaluation_as_json(found) if found else None,
            }
            self.stdout.write(json.dumps(content, default=report.plain))
        elif found:
            self.stdout.write(report.comparison(found))
            if run.error:
                self.stderr.write(run.error)

    def _carry_out(self, run_id: int, *, owner: str, parent: int) -> None:
        """Claim and train; whatever goes wrong is kept on the run, and the exit code says so too."""
        _end_with(parent)
        owner = owner or f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
        try:
            claim = training.claim(run_id=run_id, owner=owner)
        except AgentError as error:
            raise CommandError(str(error), returncode=USAGE) from error
        try:
            _teach(claim)
        except LostClaim as error:
            raise CommandError(str(error)) from error
        except (Cancelled, KeyboardInterrupt) as error:
            training.cancelled(run_id=run_id, owner=owner)
            raise CommandError(f"training {run_id} is cancelled", returncode=INTERRUPTED) from error
        except Exception as error:
            # An edge: whatever stopped it, the run must say so rather than stay "running" for ever.
            said, code = _in_words(error)
            log.exception("training %s failed", run_id)
            training.fail(run_id=run_id, owner=owner, error=said)
            raise CommandError(said, returncode=code) from error


def _agent_for(instrument: str, *, by: str) -> str:
    slug = f"{instrument.lower()}-ppo"
    accounts = overview.accounts()
    if not accounts:
        raise AgentError("there is no account to trade on: start the desk first")
    lifecycle.make_agent(
        slug=slug,
        name=f"{instrument} PPO",
        account=accounts[0].slug,
        instrument=instrument,
        timeframe=connections.base_timeframe().value,
        max_lots=LOTS,
        by=by,
    )
    return slug


def _teach(claim: training.Claim) -> None:
    # Loaded here and nowhere else: it takes seconds and half a gigabyte, and a web image does not have it.
    from apps.agents.management import lesson  # noqa: PLC0415

    lesson.teach(claim)


def _in_words(error: Exception) -> tuple[str, int]:
    if isinstance(error, TooLittleData | HardFaults):
        return f"{DATA}{error}", DATA_REFUSED
    if isinstance(error, ModuleNotFoundError):
        return f"{error.name} is not installed: install requirements/training.txt", 1
    known = isinstance(error, AgentError | MarketDataError)
    return (str(error) if known else f"{type(error).__name__}: {error}"), 1


def _end_with(parent: int) -> None:
    """Have the kernel end this process when the trainer ends, and end now when it is gone already."""
    if parent:
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)
