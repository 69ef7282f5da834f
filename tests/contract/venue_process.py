"""The simulated venue in a process of its own, as the desk runs it."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FIRST_LOGIN = 100_001
ADDRESSES = re.compile(r"MCP at http://127\.0\.0\.1:(\d+)/mcp, control at http://127\.0\.0\.1:(\d+)")


@dataclass(slots=True)
class VenueProcess:
    """`start` after `kill` takes the same ports and the same log. Every account has a path of its own."""

    home: Path
    accounts: int = 1
    ports: tuple[int, int] = (0, 0)
    options: tuple[str, ...] = ("--speed", "60")
    _child: "subprocess.Popen[str] | None" = field(default=None)

    def url(self, login: int) -> str:
        return f"http://127.0.0.1:{self.ports[0]}/mcp/{login}"

    @property
    def clock_file(self) -> Path:
        return self.home / "clock.json"

    @property
    def log(self) -> list[dict[str, Any]]:
        whole, _, _ = (self.home / "log.jsonl").read_text().rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    def start(self) -> None:
        token = self.home.parent / "token"
        token.write_text("contract")
        mcp_port, control_port = (str(port) for port in self.ports)
        command = [sys.executable, "-m", "apps.brokers.simulators.mt5_mcp", "--home", str(self.home)]
        accounts = json.dumps([{"login": FIRST_LOGIN + place} for place in range(self.accounts)])
        command += [
            "--accounts",
            accounts,
            "--port",
            mcp_port,
            "--control-port",
            control_port,
            "--token-file",
            str(token),
        ]
        self._child = subprocess.Popen(
            [*command, *self.options], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert self._child.stdout is not None
        for line in self._child.stdout:
            if found := ADDRESSES.search(line):
                self.ports = int(found.group(1)), int(found.group(2))
                return self._wait_until_it_answers()
        raise RuntimeError("the venue did not start")

    def _wait_until_it_answers(self) -> None:
        for port in self.ports:
            for _ in range(600):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._child.pid, signal.SIGKILL)
            self._child.wait()
            if self._child.stdout is not None:
                self._child.stdout.close()
            self._child = None

    def control(self, path: str, **body: Any) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports[1]}/{path}",
            data=json.dumps(body).encode() if body else None,
            headers={"Authorization": "Bearer contract"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def wait_for_line(self, **fields: Any) -> None:
        """Return once the log has a line with these fields."""
        while not any(fields.items() <= line.items() for line in self.log):
            time.sleep(0.02)
