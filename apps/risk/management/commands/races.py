"""`./mtquant drill races`: orders race for the last room of every kind of limit; exit 1 on any miss."""

import json
import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.risk.management.races import campaign, grounds
from apps.risk.management.races.plan import RACES

ROUNDS, TRIPS = 200, 24
MOST_ORDERS = 64
QUICK_ROUNDS, QUICK_TRIPS, QUICK_ORDERS = 1, 6, 16


class Command(BaseCommand):
    help = "Race orders for the last room of a limit, on servers of the drill's own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [race.name for races in RACES.values() for race in races] + ["intent", "trips"]
        parser.add_argument("--seed", type=int, help="play the same sizes and orders again")
        parser.add_argument("--rounds", type=int, default=ROUNDS, help="of each race")
        parser.add_argument("--quick", action="store_true", help="one round of each race of 16 orders")
        parser.add_argument("--only", choices=names, default="", help="one race", metavar="RACE")
        parser.add_argument("--round", type=int, dest="number", help="one round of it")
        parser.add_argument("--json", action="store_true")

    def handle(self, *_: Any, **options: Any) -> None:
        if not grounds.are_ours():
            raise CommandError("races are held on servers of their own: ./mtquant drill races")
        if options["number"] is not None and not options["only"]:
            raise CommandError("--round needs the race: --only RACE")
        quick = options["quick"]
        wish = campaign.Wish(
            seed=secrets.randbelow(10**6) if options["seed"] is None else options["seed"],
            rounds=QUICK_ROUNDS if quick else options["rounds"],
            trips=QUICK_TRIPS if quick else TRIPS,
            most_orders=QUICK_ORDERS if quick else MOST_ORDERS,
            only=options["only"],
            number=options["number"],
        )
        tally = campaign.play(wish, self._tell)
        seen = tally.as_json() | {"missed": tally.misses}
        self.stdout.write(json.dumps(seen) if options["json"] else tally.line())
        if tally.misses:
            sys.exit(1)

    def _tell(self, line: str) -> None:
        """Say how far it is where the one line of counts does not go."""
        self.stderr.write(line)
        self.stderr.flush()
