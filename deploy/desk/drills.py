"""Campaigns that need no desk: each has durable servers of its own, on the disk of var/, while it runs."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from deploy.desk import addresses, flags
from deploy.desk.installer import install
from deploy.desk.layout import Layout
from deploy.desk.testbed import Testbed

SETTINGS = "DJANGO_SETTINGS_MODULE"
OWN = {"MTQ_RUN": "drill-run", "MTQ_QUOTE_STALE_AFTER_S": "86400"}
MACHINE = "tests/risk/test_machine.py"
MACHINE_RUNS, QUICK_MACHINE_RUNS = 2000, 20


def races(layout: Layout, words: Sequence[str]) -> int:
    """Let orders race on servers of their own, and give the exit code."""
    layout.make()
    addresses.settle_home(layout)
    install(layout, ("base",), _aside)
    before = signal.signal(signal.SIGTERM, _leave)
    bed = Testbed.claim(durable=True, within=layout.var)
    bed.var.chmod(layout.var.stat().st_mode & 0o777)  # where PostgreSQL is another user it passes through
    try:
        bed.start(bed.postgres)
        bed.start(bed.valkey)
        command = [str(layout.python), str(layout.root / "manage.py"), "races", *words]
        return subprocess.run(command, env=_environment(layout, bed), check=False).returncode
    finally:
        bed.close()
        signal.signal(signal.SIGTERM, before)


def machine(layout: Layout, words: Sequence[str]) -> int:
    """Play the state machine of orders and limits so many times; pytest brings its servers."""
    parser = flags.parser("drill machine")
    parser.add_argument("--runs", type=int, default=MACHINE_RUNS)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_MACHINE_RUNS} runs")
    given = parser.parse_args(words)
    layout.make()
    addresses.settle_home(layout)
    install(layout, ("base", "dev"), _aside)
    runs = QUICK_MACHINE_RUNS if given.quick else given.runs
    env = addresses.child_environment(layout, {"MTQ_MACHINE_RUNS": f"{runs}"})
    outer = {key for key in env if key.startswith("MTQ_") and key != "MTQ_MACHINE_RUNS"}
    own = {key: value for key, value in env.items() if key not in {*outer, *addresses.EMBEDDED, SETTINGS}}
    command = [str(layout.python), "-m", "pytest", "-q", MACHINE]
    return subprocess.run(command, cwd=layout.root, env=own, check=False).returncode


# The name after `drill`; whatever is not here is played by the running desk.
ON_OWN_SERVERS: dict[str, Callable[[Layout, Sequence[str]], int]] = {"races": races, "machine": machine}


def _aside(line: str) -> None:
    print(line, file=sys.stderr)


def _environment(layout: Layout, bed: Testbed) -> dict[str, str]:
    """Give nothing of the caller's own desk: a drill must not touch it."""
    outer = {key for key in os.environ if key.startswith("MTQ_") or key in addresses.EMBEDDED}
    own = {key: value for key, value in addresses.child_environment(layout, {}).items() if key not in outer}
    return own | bed.environment() | OWN | {SETTINGS: "mtquant_site.settings.test"}


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
