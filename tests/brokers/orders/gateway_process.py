"""The gateway as tests hold it: `manage.py gateway` in a process of its own, on the test's venue."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from deploy.desk.processes import spawn

ROOT = Path(__file__).parents[3]


@dataclass(slots=True, kw_only=True)
class GatewayProcess:
    var: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def is_ready(self) -> bool:
        return (self.var / "run" / "gateway.ready").exists()

    @property
    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def start(self, **extra: str) -> None:
        """Start one incarnation; `extra` goes into its environment."""
        self.var.mkdir(exist_ok=True)
        with (self.var / "gateway.log").open("ab") as out:
            self.process = spawn(
                [sys.executable, "manage.py", "gateway"],
                log=out,
                cwd=ROOT,
                env=self._environment() | extra,
            )

    def _environment(self) -> dict[str, str]:
        at = connection.settings_dict
        address = f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
        return os.environ | {
            "DATABASE_URL": address,
            "MTQ_VAR": str(self.var),
            "MTQ_CLOCK_FILE": str(settings.MTQ_CLOCK_FILE),
            "MTQ_GATE_DIR": str(settings.MTQ_GATE_DIR),
            "MTQ_REPLAY_DIR": str(settings.MTQ_REPLAY_DIR),
        }

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, and return the exit code."""
        assert self.process is not None
        if not self.has_ended:
            os.kill(self.process.pid, number)
        return self.process.wait(timeout=30)

    @property
    def log(self) -> str:
        return (self.var / "gateway.log").read_text()
