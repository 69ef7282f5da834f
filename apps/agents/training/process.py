"""Runs the next training as a process of its own, and says what became of it when it cannot say so itself."""

import logging
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef

from apps.agents.errors import AlreadyTraining
from apps.agents.models import TrainingRun
from apps.agents.training import claims, queueing

log = logging.getLogger(__name__)

DESK = TrainingRun.DESK
MOST_RESTARTS = 3
LOOK_EVERY_S = 0.5
_TAIL_BYTES = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A training that was run: `code` is how its process ended."""

    run_id: int
    code: int


def run_next() -> Ran | None:
    """End trainings whose process has died; then run the oldest that waits, and return when it has ended.

    Return None when nothing waits. The child dies with this process, and never leaves a run without a word:
    one that was killed is interrupted, one that ended by itself has failed, with its last line as the reason.
    """
    claims.sweep()
    _begin_again()
    run_id = TrainingRun.objects.filter(status="queued").order_by("id").values_list("id", flat=True).first()
    if run_id is None:
        return None
    owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
    connection.close()  # minutes may pass
    with tempfile.TemporaryFile() as told:
        code = _wait(_start(run_id, owner, told))
        said = _last_line(told)
    if code:
        _say_so(run_id, owner, code, said)
    return Ran(run_id=run_id, code=code)


def _begin_again() -> None:
    """Restart what the desk itself asked for and something killed, whoever noticed: nobody else would."""
    newer = TrainingRun.objects.filter(agent=OuterRef("agent"), pk__gt=OuterRef("pk"))
    for run in TrainingRun.objects.filter(~Exists(newer), status="interrupted", requested_by=DESK):
        if _restarts_before(run) < MOST_RESTARTS:
            with suppress(AlreadyTraining):  # demo_agents did so a moment ago
                queueing.restart(run_id=run.pk, by=DESK)


def _restarts_before(run: TrainingRun) -> int:
    return 0 if run.restart_of is None else 1 + _restarts_before(run.restart_of)


def _start(run_id: int, owner: str, told: IO[bytes]) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "train"]
    command += ["--run", str(run_id), "--owner", owner, "--parent", str(os.getpid())]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=told, stderr=told, cwd=settings.BASE_DIR
    )


def _wait(child: subprocess.Popen[bytes]) -> int:
    """Wait for the child; end it when this process has lost its own parent: the worker was killed."""
    parent = os.getppid()
    try:
        while True:
            try:
                return child.wait(timeout=LOOK_EVERY_S)
            except subprocess.TimeoutExpired:
                if os.getppid() != parent:
                    log.warning("the worker is gone: its training ends too")
                    child.kill()
    except BaseException:
        child.kill()
        child.wait()
        raise


def _say_so(run_id: int, owner: str, code: int, said: str) -> None:
    if code < 0:
        error = f"its process was killed by signal {-code}. Restart it."
        ended = claims.interrupt(run_id=run_id, owner=owner, error=error)
    else:
        error = f"its process ended with code {code}" + (f": {said}" if said else "")
        ended = claims.fail(run_id=run_id, owner=owner, error=error)
    if ended or claims.give_up(run_id=run_id, error=error):
        log.warning("training %s: %s", run_id, error)


def _last_line(told: IO[bytes]) -> str:
    size = told.seek(0, os.SEEK_END)
    told.seek(max(0, size - _TAIL_BYTES))
    lines = told.read().decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else ""
