"""The simulated venue as tests hold it: a process of its own, its log, and its control port."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.desk.ports import free_port
from deploy.desk.processes import spawn

ROOT = Path(__file__).parents[3]
TOKEN = "token-of-a-test"
LOGIN = 100_001  # the account that the venue opens by itself


@dataclass(slots=True, kw_only=True)
class VenueProcess:
    home: Path
    speed: float = 60.0
    port: int = field(default_factory=lambda: free_port(taken=set()))
    control_port: int = field(default_factory=lambda: free_port(taken=set()))
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    @property
    def log_path(self) -> Path:
        return self.home / "log.jsonl"

    def start(self, *flags: str) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        token = self.home / "control.token"
        token.write_text(TOKEN)
        command = [sys.executable, "-m", "apps.brokers.simulators.mt5_mcp", "--home", str(self.home)]
        command += ["--port", str(self.port), "--control-port", str(self.control_port), *flags]
        command += ["--token-file", str(token), "--speed", str(self.speed), "--seed", "7"]
        with (self.home / "out.log").open("ab") as out:
            self.process = spawn(command, log=out, cwd=ROOT)
        self._await_health()

    def _await_health(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.control_port}/health", timeout=1):
                    return
            except OSError:
                if self.process is not None and self.process.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError(f"the venue did not start:\n{(self.home / 'out.log').read_text()[-2000:]}")

    def kill(self, number: int = signal.SIGKILL) -> None:
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, number)
            self.process.wait()

    def control(self, verb: str, **body: Any) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.control_port}/{verb}",
            data=json.dumps(body).encode() if body else None,
            headers={"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def log(self, *kinds: str) -> list[dict[str, Any]]:
        """Return the log's lines, of some kinds where given. The log is the judge."""
        lines = [json.loads(line) for line in self.log_path.read_text().splitlines()]
        return [line for line in lines if not kinds or line["kind"] in kinds]
