"""One supervised part at work: its process, its state file and its restarts."""

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from deploy.desk import states
from deploy.desk.part import Part
from deploy.desk.processes import signal_group, spawn, started_ticks

STEADY_AFTER_S = 30.0
LOG_ENTRY = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ (?:DEBUG|INFO) ")


class Watch:
    def __init__(self, part: Part, *, order: int, run: Path, log: Path) -> None:
        self.part = part
        self.state = self._since = ""
        self.restarts = 0
        self.was_up = False
        self.gave_up = False
        self.trouble = ""
        self.note = ""
        self.child: subprocess.Popen[bytes] | None = None
        self.log = log / f"{part.name}.log"
        self._order = order
        self._run = run
        self._backoff_s = 0.0
        self._started = 0.0
        self._first_started: float | None = None
        self._look_at = 0.0
        self._again_at = 0.0
        self._shown = 0
        self._in_traceback = False
        self._rotate()
        self._become("waiting")

    @property
    def settled(self) -> bool:
        """Others may start: it is up, done, or no longer waited for."""
        return self.was_up or self.gave_up

    @property
    def age_s(self) -> float:
        return time.monotonic() - self._started

    @property
    def trying_s(self) -> float:
        """Tell how long ago its first start was tried."""
        return 0.0 if self._first_started is None else time.monotonic() - self._first_started

    @property
    def alive(self) -> bool:
        return self.child is not None and self.child.returncode is None

    @property
    def is_slow(self) -> bool:
        """Tell whether it takes seconds until it needs anybody: a step, a wait, a late try."""
        return self.part.once or self.state == "waiting" or self._backoff_s > 1

    @property
    def look_due(self) -> bool:
        """Tell whether to probe: often at first, once a second after a while."""
        now = time.monotonic()
        if now < self._look_at:
            return False
        self._look_at = now + min(1.0, 0.05 + self.age_s / 20)
        return True

    @property
    def due(self) -> bool:
        return self.state == "restarting" and time.monotonic() >= self._again_at

    def start(self) -> None:
        """Start the process, in this thread. Raises Refusal or OSError when it cannot be."""
        self._first_started = self._first_started or time.monotonic()
        self.part.before_start()
        again = self.restarts > 0
        with self.log.open("ab") as log:
            self.child = spawn(
                self.part.command(again),
                log=log,
                env=self.part.env,
                cwd=self.part.cwd,
                uid=self.part.uid,
                death_signal=self.part.death_signal,
                niceness=self.part.niceness,
            )
        self._started = time.monotonic()
        self._become("starting")

    def is_ready(self) -> bool:
        return not self.part.once and self.part.ready()

    def mark_up(self) -> None:
        self.was_up = True
        self.trouble = ""
        self._become("up")

    def mark_done(self) -> None:
        self.was_up = True
        self.child = None
        self.trouble = self.note = ""
        self._become("done")

    def retry_later(self, trouble: str) -> float:
        """Plan the next start, twice as late as the last one unless it had run steadily; gives the delay."""
        if self.child is not None:
            signal_group(self.child.pid, signal.SIGKILL)  # children that outlived their parent
        self.child = None
        steady = self.was_up and self.age_s >= STEADY_AFTER_S
        doubled = min(self.part.longest_backoff_s, self._backoff_s * 2)
        self._backoff_s = self.part.first_backoff_s if steady or not self._backoff_s else doubled
        self._again_at = time.monotonic() + self._backoff_s
        self.restarts += 1
        self.trouble, self.note = trouble, ""
        self._become("restarting")
        return self._backoff_s

    def stop(self, *, hurried: Callable[[], bool]) -> bool:
        """End the process: asked first, killed when it does not listen; False when it had to be killed."""
        obeyed = True
        if self.child is not None:
            self.child.send_signal(self.part.stop_signal)
            obeyed = self._ended_within(self.part.stop_within_s, hurried)
            signal_group(self.child.pid, signal.SIGKILL)
            self.child.wait()
            self.child = None
        if self.state != "done":
            self._become("stopped")
        return obeyed

    def _ended_within(self, patience_s: float, hurried: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + patience_s
        while self.child is not None and time.monotonic() < deadline and not hurried():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.child.wait(timeout=0.2)
                return True
        return False

    def new_output(self) -> list[str]:
        """Give whole lines that its log gained since the last call; tracebacks and log entries stay there."""
        with self.log.open("rb") as file:
            file.seek(self._shown)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._shown += len(whole) + len(newline)
        lines = whole.decode(errors="replace").splitlines() if newline else []
        shown = [line.strip() for line in lines if not (self._is_traceback(line) or LOG_ENTRY.match(line))]
        shown = [line for line in shown if line]
        if shown:
            self.note = shown[-1]
            self._record()
        return shown

    def _is_traceback(self, line: str) -> bool:
        if line.startswith("Traceback "):
            self._in_traceback = True
        elif self._in_traceback and not line.startswith(" "):
            self._in_traceback = False
        return self._in_traceback

    def last_words(self) -> str:
        """Give the last line of its log, which mostly tells why it ended."""
        try:
            tail = self.log.read_bytes()[-4000:].decode(errors="replace")
        except OSError:
            return ""
        lines = [line.strip() for line in tail.splitlines() if any(map(str.isalpha, line))]
        return lines[-1] if lines else ""

    def _become(self, state: str) -> None:
        self.state = state
        self._since = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._record()

    def _record(self) -> None:
        pid = self.child.pid if self.child is not None else None
        states.write(
            self._run,
            states.ProcessState(
                name=self.part.name,
                pid=pid,
                state=self.state,
                address=self.part.address,
                since=self._since,
                restarts=self.restarts,
                ticks=None if pid is None else started_ticks(pid),
                order=self._order,
                later=self.part.later,
                trouble=self.trouble,
                note=self.note,
            ),
        )

    def _rotate(self) -> None:
        if self.log.exists():
            os.replace(self.log, self.log.with_suffix(".log.1"))  # noqa: PTH105 (overwrites the one before)
        self.log.touch()
