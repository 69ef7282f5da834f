"""Follows a training from a terminal: one line that moves on stderr, nothing where nobody looks."""

import os
import shutil
import time
from typing import TextIO

from apps.agents import scorecard
from apps.agents.management import report
from apps.agents.scorecard import RunView

LOOK_EVERY_S = 0.5
PATIENCE_S = 10.0
OVER = frozenset({"done", "failed", "cancelled", "interrupted"})


def follow(run_id: int, *, to: TextIO) -> RunView:
    """Return the training once it is over. Says how to go on where no trainer takes it."""
    shows = to.isatty() and "NO_COLOR" not in os.environ
    begun, told = time.monotonic(), False
    while True:
        run = scorecard.run_view(run_id)
        if run.status in OVER:
            _clear(to, shows=shows)
            return run
        if not told and run.status == "queued" and time.monotonic() - begun > PATIENCE_S:
            told = True
            _clear(to, shows=shows)
            to.write(_nobody_takes(run) + "\n")
            to.flush()
        if shows:
            to.write("\r\033[K" + report.progress_line(run)[: shutil.get_terminal_size().columns - 1])
            to.flush()
        time.sleep(LOOK_EVERY_S)


def _nobody_takes(run: RunView) -> str:
    busy = [other for other in scorecard.runs(limit=20) if other.status == "running"]
    if busy:
        return f"training {run.id} waits: the trainer is busy with {busy[0].agent} (training {busy[0].id})"
    return (
        f"no trainer has taken training {run.id} yet: ./mtquant up starts one,"
        f" or train it in a terminal with ./mtquant train --run {run.id}"
    )


def _clear(to: TextIO, *, shows: bool) -> None:
    if shows:
        to.write("\r\033[K")
        to.flush()
