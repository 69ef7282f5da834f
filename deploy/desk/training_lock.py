"""Installs requirements/training.txt while the desk trades, and says every few seconds how far it is."""

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from deploy.desk import addresses
from deploy.desk.artifacts import default_certificates
from deploy.desk.installer import install, is_current
from deploy.desk.layout import Layout, plain_disk_errors
from deploy.desk.refusal import Refusal

SAY_EVERY_S = 4.0
# PyTorch's Linux wheels carry CUDA: 4.6 GB unpacked. The rest is left to the ledger and the market's log.
NEEDED_MIB = 6_000

Say = Callable[[str], None]


def install_training(layout: Layout, say: Say) -> None:
    """Bring .venv to the training lock. Raises Refusal in one line: no room, no network, a wrong hash."""
    if is_current(layout, "training"):
        return
    check_room(layout.venv)
    check_room(layout.cache)
    say("installing the training packages (PyTorch and what it needs: 4.6 GB on disk)")
    failures: list[BaseException] = []
    work = threading.Thread(target=_install, args=(layout, say, failures), daemon=True)
    began, at_first = time.monotonic(), _used(layout.cache)
    work.start()
    while work.is_alive():
        work.join(SAY_EVERY_S)
        if work.is_alive():
            grown = max(0, _used(layout.cache) - at_first) / 1e9
            say(f"training packages: {time.monotonic() - began:.0f} s, the disk is {grown:.1f} GB fuller")
    if failures:
        raise failures[0]


def check_room(folder: Path) -> None:
    """Raise Refusal when the packages would leave the desk too little of this disk."""
    free = shutil.disk_usage(folder).free // 2**20
    if free < NEEDED_MIB:
        raise Refusal(
            f"no room for the training packages: {folder} has {free} MiB free, {NEEDED_MIB} are needed"
        )


def _install(layout: Layout, say: Say, failures: list[BaseException]) -> None:
    try:
        with plain_disk_errors(layout.venv):
            install(layout, ("training",), say)
    except BaseException as error:  # noqa: BLE001 (handed to the thread that waits, which raises it)
        failures.append(error)


def _used(folder: Path) -> int:
    return shutil.disk_usage(folder).used


def main() -> int:
    layout = Layout.here()
    try:
        layout.make()
        addresses.settle_home(layout)
        default_certificates(os.environ)
        install_training(layout, lambda line: print(line, flush=True))
    except Refusal as refusal:
        print(refusal, flush=True)
        return refusal.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
