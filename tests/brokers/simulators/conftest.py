"""A venue in a process of its own."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

ROOT = Path(__file__).parents[3]
LOGIN = 100_001
Call = Callable[..., Any]


class Refused(Exception):  # noqa: N818 -- a refusal is an answer
    """What an error answer of the server says."""


@dataclass
class Process:
    """Starts, kills and talks to one venue; ports are the free ones that it finds and prints."""

    home: Path
    options: tuple[str, ...] = ()
    running: subprocess.Popen[str] | None = None
    mcp: str = ""
    control: str = ""
    lines: list[str] = field(default_factory=list)

    def start(self, *options: str) -> "Process":
        self.home.mkdir(exist_ok=True)
        (self.home / "token").write_text("secret")
        command = [sys.executable, "-m", "apps.brokers.simulators.mt5_mcp", "--home", str(self.home)]
        command += [
            "--port",
            "0",
            "--control-port",
            "0",
            "--token-file",
            str(self.home / "token"),
            "--seed",
            "7",
        ]
        self.running = subprocess.Popen(
            [*command, *self.options, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.running.stdout
        for line in self.running.stdout:
            self.lines.append(line)
            if "MCP at" in line:
                words = line.replace(",", "").split()
                self.mcp, self.control = (word for word in words if word.startswith("http://"))
                break
        self._await_health()
        return self

    def _await_health(self) -> None:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{self.control}/health", timeout=5).close()
            except urllib.error.URLError:
                time.sleep(0.02)
            else:
                return
        pytest.fail("the venue does not answer")

    def kill(self) -> None:
        assert self.running
        self.running.kill()
        self.running.wait()

    def stop(self) -> int:
        assert self.running
        self.running.terminate()
        return self.running.wait(20)

    def ask(self, path: str, body: Any = None, token: str = "secret") -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(
            urllib.request.Request(self.control + path, data, headers), timeout=10
        ) as answer:
            return json.load(answer)

    def log(self, *kinds: str) -> list[dict[str, Any]]:
        rows = [json.loads(line) for line in (self.home / "log.jsonl").read_text().splitlines()]
        return [row for row in rows if row["kind"] in kinds]

    @asynccontextmanager
    async def client(self, *symbols: str, path: str = "", login: int = LOGIN) -> AsyncIterator[Call]:
        """Give `call(tool, **arguments)` of a terminal that is logged in and shows these symbols."""
        async with Client(self.mcp + path) as client:

            async def call(tool: str, **arguments: Any) -> Any:
                result = await client.call_tool(tool, arguments)
                if result.is_error:
                    raise Refused(result.content[0].text)  # type: ignore[union-attr]
                content: Any = result.structured_content
                return content["result"] if set(content) == {"result"} else content

            await call("initialize", path="")
            await call("login", login=login, password="", server="")
            for symbol in symbols:
                await call("symbol_select", symbol=symbol)
            yield call


def _ended(made: Process) -> None:
    if made.running and made.running.poll() is None:
        made.kill()
    if made.running and made.running.stdout:
        made.running.stdout.close()


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    """A venue that the test starts itself, and may kill."""
    made = Process(tmp_path / "venue home", ("--speed", "60"))
    yield made
    _ended(made)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """One running venue for the tests that leave no orders behind."""
    made = Process(tmp_path_factory.mktemp("shared") / "home", ("--speed", "60")).start()
    yield made
    _ended(made)
