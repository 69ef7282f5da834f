"""The launcher's lines: each with the seconds since it began, on the terminal and in var/log/desk.log."""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO


class Voice:
    """Call it with a line. Given a log file, it writes there too, with wall time."""

    def __init__(self, log: Path | None = None, terminal: TextIO | None = None) -> None:
        self._log = log
        self._terminal = terminal or sys.stdout
        self._began = time.monotonic()

    def __call__(self, line: str) -> None:
        self.plain(f"[{self.elapsed_s:6.1f} s] {line}")

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._began

    def secret(self, line: str) -> None:
        """Print for the eyes at the terminal only."""
        try:
            print(line, file=self._terminal, flush=True)
        except OSError:
            self._terminal = Path(os.devnull).open("w")  # noqa: SIM115 (the terminal is gone; the desk is not)

    def plain(self, line: str) -> None:
        self.secret(line)
        if self._log is not None:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            with self._log.open("a") as file:
                file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}\n")
