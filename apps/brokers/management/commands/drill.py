"""Play a campaign against the running desk and say in one line a case how it answered; exit 1 on any miss."""

import sys
import time
from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from apps.brokers import verification
from apps.brokers.management import drills
from apps.brokers.management.drills import PROCESSES, DrillError
from apps.portfolio import books
from apps.risk.domain.breaker import BreakerLevel

QUIET_PERIOD_S = 75  # the venue's own 60 s, and the rounds after it
LADDER = (
    (Decimal("0.05"), BreakerLevel.WARNING),
    (Decimal("0.10"), BreakerLevel.REDUCING),
    (Decimal("0.15"), BreakerLevel.HALTED),
)
A_BIT_MORE = Decimal("0.002")  # spread and what the agents trade meanwhile


class Command(BaseCommand):
    help = "Kill the desk's processes, or shake its market, and see how it answers. It changes the run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True)
        kills = kinds.add_parser("kills", help="kill -9 each process in turn, under trading")
        kills.add_argument("--rounds", type=int, default=2)
        kills.add_argument("--only", nargs="+", choices=PROCESSES, default=PROCESSES)
        shocks = kinds.add_parser("shocks", help="bring the loss to 5, 10 and 15 per cent")
        shocks.add_argument("--at-once", action="store_true", help="one shock of 15 per cent")

    def handle(self, *_: Any, **options: Any) -> None:
        if settings.MTQ_WORLD != "sim":
            raise CommandError("a drill runs on the simulated venue only")
        try:
            passed = self._kills(options) if options["kind"] == "kills" else self._shocks(options)
        except DrillError as error:
            raise CommandError(str(error)) from error
        if not passed:
            sys.exit(1)

    def _kills(self, options: dict[str, Any]) -> bool:
        missed = 0
        victims = [process for process in options["only"] if not drills.is_awaited(process)]
        for number in range(options["rounds"]):
            for process in victims:
                seen = drills.kill(process)
                missed += len(seen.differences)
                self._say(
                    f"round {number + 1}  {process:<9} up again {seen.restarted_s:5.1f} s   "
                    f"next order filled {seen.traded_s:5.1f} s   "
                    f"{len(seen.differences)} differences   {len(seen.open_doubts)} open doubts"
                )
                for line in (*seen.differences, *seen.open_doubts):
                    self._say(f"    {line}")
        self._say(f"waiting {QUIET_PERIOD_S} s for doubts to end")
        time.sleep(QUIET_PERIOD_S)
        found = verification.compare(log_path=settings.MTQ_VENUE_LOG)
        for line in (*found.differences, *found.open_doubts):
            self._say(f"    {line}")
        self._say(
            f"{options['rounds'] * len(victims)} kills, {found.orders} orders, {found.fills} fills: "
            f"{len(found.differences)} differences, {len(found.open_doubts)} open doubts at the end"
        )
        return missed == 0 and not found.differences

    def _shocks(self, options: dict[str, Any]) -> bool:
        (account,) = [view.slug for view in books.accounts()]
        steps = LADDER[-1:] if options["at_once"] else LADDER
        missed = 0
        for share, level in steps:
            moves = drills.shock_for(account, share + A_BIT_MORE)
            call_command("venue", "shock", *(f"{name}={change}" for name, change in moves.items()))
            seen = drills.watch_breaker(account, level)
            slipped = seen.entries if level >= BreakerLevel.REDUCING else 0
            missed += (seen.level is not level) + slipped
            flat = "" if seen.flat_s is None else f", flat after {seen.flat_s:.2f} s"
            self._say(
                f"loss to {share:.0%}: {seen.level.name} at {seen.drawdown:.2%} "
                f"after {seen.raised_s:.2f} s{flat}, "
                f"{seen.entries} entries permitted since"
            )
        return missed == 0

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
