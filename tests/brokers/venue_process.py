"""The simulated venue as tests hold it: a process of its own, its log, and its control port.

A fork server imports the venue once, and nothing of the desk; each start is then a fork that runs the `main`
of `python -m apps.brokers.simulators.mt5_mcp`.
"""

import json
import multiprocessing
import os
import signal
import socket
import urllib.request
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from deploy.desk.ports import free_port
from tests.brokers import venue_child
from tests.waiting import until

TOKEN = "token-of-a-test"
LOGIN = 100_001  # the account that the venue opens by itself
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([venue_child.__name__])


def _two_ports() -> tuple[int, int]:
    taken: set[int] = set()
    return free_port(taken=taken), free_port(taken=taken)


@dataclass(slots=True, kw_only=True)
class VenueProcess:
    """A start after a kill takes the same ports and goes on with the same log."""

    home: Path
    ports: tuple[int, int] = field(default_factory=_two_ports)  # of MCP, of control
    process: ForkServerProcess | None = None

    def url(self, login: int | None = None) -> str:
        """Return the address of an account, without a login that of the first."""
        return f"http://127.0.0.1:{self.ports[0]}/mcp" + (f"/{login}" if login else "")

    @property
    def clock_file(self) -> Path:
        return self.home / "clock.json"

    @property
    def log_path(self) -> Path:
        return self.home / "log.jsonl"

    def start(self, *options: str) -> None:
        """Start it and return once it answers at both ports."""
        self.home.mkdir(parents=True, exist_ok=True)
        token = self.home / "control.token"
        token.write_text(TOKEN)
        words = ["--home", str(self.home), "--token-file", str(token), "--speed", "60", "--seed", "7"]
        words += ["--port", str(self.ports[0]), "--control-port", str(self.ports[1]), *options]
        given = (words, self.home / "out.log")
        self.process = _forks.Process(target=venue_child.run, args=given, daemon=True)
        self.process.start()
        until(self._answers)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.is_alive(), f"the venue did not start:\n{(self.home / 'out.log').read_text()}"
        try:
            socket.create_connection(("127.0.0.1", self.ports[0])).close()
            urllib.request.urlopen(f"http://127.0.0.1:{self.ports[1]}/health", timeout=5).close()
        except OSError:
            return False
        return True

    def kill(self, number: signal.Signals = signal.SIGKILL) -> int | None:
        """End it as a power cut would, or by another signal; return how it ended, None if it never ran."""
        if self.process is None:
            return None
        if self.process.is_alive():
            assert self.process.pid is not None
            os.kill(self.process.pid, number)
        self.process.join()
        return self.process.exitcode

    def control(self, verb: str, *, token: str = TOKEN, **body: Any) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports[1]}/{verb}",
            data=json.dumps(body).encode() if body else None,
            headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def log(self, *kinds: str) -> list[dict[str, Any]]:
        """Return the log's whole lines, of some kinds where given. The log is the judge."""
        whole, _, _ = self.log_path.read_text().rpartition("\n")
        lines = [json.loads(line) for line in whole.splitlines()]
        return [line for line in lines if not kinds or line["kind"] in kinds]

    def has_line(self, **fields: Any) -> bool:
        return any(fields.items() <= line.items() for line in self.log())
