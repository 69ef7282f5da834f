"""Speak to the simulated venue's control port: shocks, clock, faults, state."""

import json
import urllib.error
import urllib.request
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

ANSWER_WITHIN_S = 60  # a clock that jumps over months walks every price on the way


class Command(BaseCommand):
    help = "Steer the simulated venue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        shock = verbs.add_parser("shock", help="move prices at once: EURUSD=-3%%")
        shock.add_argument("moves", nargs="+", metavar="INSTRUMENT=CHANGE")
        clock = verbs.add_parser("clock", help="change the speed of the desk clock, or move it on")
        clock.add_argument("--speed", type=float)
        clock.add_argument("--advance", type=float, metavar="S", help="desk seconds")
        fault = verbs.add_parser("fault", help="make the next calls fail in a named way")
        fault.add_argument("kind")
        fault.add_argument("--count", type=int, default=1)
        fault.add_argument("--seconds", type=float)
        fault.add_argument("--fraction", type=float)
        verbs.add_parser("state", help="print what the venue holds")

    def handle(self, *_: Any, **options: Any) -> None:
        verb = options["verb"]
        answer = _ask(verb, None if verb == "state" else BODIES[verb](options))
        self.stdout.write(json.dumps(answer, indent=2 if verb == "state" else None))


def _shock(options: dict[str, Any]) -> dict[str, Any]:
    pairs = [move.partition("=") for move in options["moves"]]
    wrong = [name for name, equals, change in pairs if not (name and equals and change)]
    if wrong:
        raise CommandError(f"write INSTRUMENT=CHANGE, such as EURUSD=-3%, not {' '.join(wrong)}")
    return {name: change for name, _, change in pairs}


def _clock(options: dict[str, Any]) -> dict[str, Any]:
    body = {"speed": options["speed"], "advance_s": options["advance"]}
    given = {name: value for name, value in body.items() if value is not None}
    if not given:
        raise CommandError("clock takes --speed N or --advance S")
    return given


def _fault(options: dict[str, Any]) -> dict[str, Any]:
    names = ("kind", "count", "seconds", "fraction")
    return {name: options[name] for name in names if options[name] is not None}


BODIES = {"shock": _shock, "clock": _clock, "fault": _fault}


def _ask(path: str, body: dict[str, Any] | None) -> Any:
    """Call the control port. Raise CommandError with one line."""
    if not settings.MTQ_VENUE_CONTROL:
        raise CommandError("this desk has no simulated venue (MTQ_VENUE_CONTROL is not set)")
    try:
        token = settings.MTQ_VENUE_TOKEN_FILE.read_text().strip()
        request = urllib.request.Request(  # noqa: S310 - the address is the launcher's
            f"{settings.MTQ_VENUE_CONTROL}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=ANSWER_WITHIN_S) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise CommandError(_complaint(error)) from error
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise CommandError(f"the venue does not answer at {settings.MTQ_VENUE_CONTROL}: {reason}") from error


def _complaint(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError, TypeError):
        return f"the venue answered {error.code} {error.reason}"
