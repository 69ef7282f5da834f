"""./mtquant: the verbs of the desk. A verb that is not here goes to manage.py in the desk's environment."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence

from deploy.desk import addresses, checks, doctor, drills, envfile, flags, verbs
from deploy.desk.installer import install
from deploy.desk.layout import Layout, plain_disk_errors
from deploy.desk.refusal import Refusal
from deploy.desk.training_lock import install_training
from deploy.desk.up import up, up_detached

HELP = """./mtquant VERB

  up [--detach] [--speed N] [--seed N] [--data DIR ...] [--from DATE] [--tz ZONE]
                       start the desk, or go on where it stopped
  stop                 stop it
  status [--json]      each process: name, pid, state, since, restarts, address
  verify [--json]      compare the ledger with the venue's own log
  venue ...            move the simulated venue: venue shock EURUSD=-3%
  drill kills|shocks   kill each process, or shake the market, and say how the desk answers
  drill races [--seed N] [--quick] [--json]
                       race orders for the last room of every limit, on servers of its own
  drill machine [--runs N] [--quick]
                       orders, fills, doubts, gaps and limits in any order: no permit passes a limit
  train [--agent SLUG] [--steps N] [--seeds N] [--deploy] [--detach]
                       queue a training for the desk's trainer and follow it
  evaluate VERSION     compare an agent's version with doing nothing and three more
  agents list [--json] each agent: kind, stage, version, evaluation, orders today
  doctor               say what is wrong and how to mend it
  reset                put this run aside and begin a new one at the next up
  check                format, lint, types, imports, missing migrations
  test                 check, then every test on servers of its own

Any other verb goes to manage.py in the desk's environment."""


def _up(layout: Layout, words: Sequence[str]) -> int:
    parsed = flags.up_parser().parse_args(words)
    if parsed.detach:
        return up_detached(layout, flags.wishes(parsed), [word for word in words if word != "--detach"])
    return up(layout, flags.wishes(parsed))


def _stop(layout: Layout, words: Sequence[str]) -> int:
    flags.parser("stop").parse_args(words)
    return verbs.stop(layout)


def _status(layout: Layout, words: Sequence[str]) -> int:
    parser = flags.parser("status")
    parser.add_argument("--json", action="store_true")
    return verbs.status(layout, as_json=parser.parse_args(words).json)


def _reset(layout: Layout, words: Sequence[str]) -> int:
    flags.parser("reset").parse_args(words)
    return verbs.reset(layout)


def _doctor(layout: Layout, words: Sequence[str]) -> int:
    flags.parser("doctor").parse_args(words)
    return doctor.doctor(layout)


def _check(layout: Layout, words: Sequence[str]) -> int:
    flags.parser("check").parse_args(words)
    return checks.check(layout)


def _test(layout: Layout, words: Sequence[str]) -> int:
    return checks.test(layout, list(words))


def _drill(layout: Layout, words: Sequence[str]) -> int:
    """Play a campaign on servers of its own, or let the running desk play one."""
    if words and words[0] in drills.ON_OWN_SERVERS:
        return drills.ON_OWN_SERVERS[words[0]](layout, words[1:])
    return _manage(layout, ["drill", *words])


VERBS: dict[str, Callable[[Layout, Sequence[str]], int]] = {
    "up": _up,
    "stop": _stop,
    "status": _status,
    "doctor": _doctor,
    "drill": _drill,
    "reset": _reset,
    "check": _check,
    "test": _test,
}


TRAINS_HERE = {"--here", "--run"}  # flags of `train` with which this process trains, not the desk's trainer


def _manage(layout: Layout, words: Sequence[str]) -> int:
    """Run a verb of manage.py at the desk's addresses."""
    layout.make()
    addresses.settle_home(layout)
    install(layout, ("base",), print)
    if words[0] == "train" and TRAINS_HERE & set(words):
        install_training(layout, print)
    env = envfile.read(layout.env_file)
    if not env and "DATABASE_URL" not in os.environ:
        raise Refusal(f"{words[0]} needs a desk, and there was none here yet: ./mtquant up first")
    given = {key: os.environ[key] for key in env if key in os.environ}
    command = [str(layout.python), str(layout.root / "manage.py"), *words]
    return subprocess.run(
        command, env=addresses.child_environment(layout, env | given), check=False
    ).returncode


def main() -> int:
    layout = Layout.here()
    words = sys.argv[1:]
    if not words or words[0] in {"help", "--help", "-h"}:
        print(HELP)
        return 0 if words else 2
    try:
        with plain_disk_errors(layout.var):
            verb = VERBS.get(words[0])
            return verb(layout, words[1:]) if verb else _manage(layout, words)
    except Refusal as refusal:
        print(f"mtquant: {refusal}", file=sys.stderr)
        return refusal.exit_code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
