"""Reads the words after ./mtquant; a wrong one gets one clear line and exit code 2."""

import argparse
from datetime import date
from pathlib import Path
from typing import NoReturn

from deploy.desk.refusal import Refusal
from deploy.desk.run_file import Wishes


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Refusal(f"{message} (see {self.prog} --help)", exit_code=2)


def parser(verb: str) -> argparse.ArgumentParser:
    return _Parser(prog=f"./mtquant {verb}", allow_abbrev=False)


def up_parser() -> argparse.ArgumentParser:
    words = parser("up")
    words.add_argument("--detach", action="store_true", help='return at "desk is up"')
    words.add_argument(
        "--speed", type=_speed, help="desk seconds per second (60 at first, then as last time)"
    )
    words.add_argument("--seed", type=int, help="seed of the simulated venue (1)")
    words.add_argument(
        "--data",
        action="append",
        default=[],
        type=_folder,
        help="replay bars of this folder; may be repeated",
    )
    words.add_argument("--from", dest="start", type=_day, help="first day of the replay, YYYY-MM-DD")
    words.add_argument("--tz", help="clock of files that do not say: a zone like Europe/Athens, or NY+7")
    return words


def wishes(parsed: argparse.Namespace) -> Wishes:
    return Wishes(
        speed=parsed.speed,
        seed=parsed.seed,
        data=tuple(parsed.data),
        start=parsed.start,
        zone=parsed.tz,
    )


def _speed(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 100_000:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0 and at most 100000")
    return value


def _folder(text: str) -> str:
    path = Path(text).expanduser().resolve()
    if not path.exists():
        raise argparse.ArgumentTypeError(f"{text} does not exist")
    return str(path)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is not a date like 2018-07-01") from error
