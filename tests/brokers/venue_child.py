"""What runs in a venue's process. A fork server imports this module: nothing of the desk belongs here."""

import multiprocessing
import os
import threading
from multiprocessing import connection
from pathlib import Path

from apps.brokers.simulators import mt5_mcp


def run(words: list[str], out: Path) -> None:
    """Run the venue's own entry; the process ends with it, or with the test run that asked for it."""
    with out.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    threading.Thread(target=_end_with_the_test_run, daemon=True).start()
    raise SystemExit(mt5_mcp.main(words))


def _end_with_the_test_run() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
