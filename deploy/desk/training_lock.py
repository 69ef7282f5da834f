"""Installs requirements/training.txt while the desk trades, and says every few seconds how far it is."""

import contextlib
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

SAY_EVERY_S = 5.0
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
    began, at_first = time.monotonic(), _fetched_bytes(layout)
    work.start()
    while work.is_alive():
        work.join(SAY_EVERY_S)
        if work.is_alive():
            fetched = (_fetched_bytes(layout) - at_first) / 1e9
            say(f"training packages: {fetched:.1f} of 4.6 GB, {time.monotonic() - began:.0f} s")
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


def _fetched_bytes(layout: Layout) -> int:
    """Sum what uv keeps in its cache, which is what it has fetched and unpacked so far."""
    total = 0
    for folder, _, names in os.walk(os.environ.get("UV_CACHE_DIR") or layout.cache / "uv"):
        for name in names:
            with contextlib.suppress(OSError):  # renamed by uv meanwhile
                total += os.lstat(f"{folder}/{name}").st_size
    return total


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
