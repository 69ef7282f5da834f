"""Servers of a run's own, a test's or a drill's: in a directory of their own, started when asked for."""

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from deploy.desk.ports import free_port
from deploy.desk.processes import running, spawn
from deploy.desk.servers import Postgres, QuestDB, Server, Valkey

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 180


@dataclass(slots=True)
class Testbed:
    """Holds addresses from the start on, and servers once `start` was called for them."""

    __test__: ClassVar[bool] = False  # pytest must not take it for a test

    var: Path
    postgres: Postgres
    valkey: Valkey
    questdb: QuestDB
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @classmethod
    def claim(cls, *, durable: bool = False, within: Path | None = None) -> "Testbed":
        """Choose a directory, ports and passwords; nothing is started.

        Tests go without safety from power cuts; what is `durable` waits for the disk as a desk does.
        """
        var = Path(tempfile.mkdtemp(prefix="mtquant-test-", dir=within))
        taken: set[int] = set()
        word = secrets.token_hex(12)
        ports = [free_port(taken=taken) for _ in range(4)]
        return cls(
            var=var,
            postgres=Postgres(home=var / "postgres", port=ports[0], password=word, durable=durable),
            valkey=Valkey(home=var / "valkey", port=ports[1], password=word, durable=durable),
            questdb=QuestDB(
                home=var / "questdb",
                port=ports[2],
                pg_port=ports[3],
                password=word,
                cache=ROOT / "var" / "cache",
            ),
        )

    def environment(self) -> dict[str, str]:
        """Give the variables that the settings read; nothing of the caller's own desk shines through."""
        return {
            "MTQ_VAR": str(self.var),
            "MTQ_RUN": "run-test",
            "MTQ_WORLD": "sim",
            "MTQ_SECRET_KEY": secrets.token_hex(16),
            "MTQ_GATE_DIR": str(self.var / "gate"),
            "MTQ_VENUE_LOG": str(self.var / "venue" / "log.jsonl"),
            "MTQ_VENUE_TOKEN_FILE": str(self.var / "venue" / "control.token"),
            "MTQ_USERS_FILE": str(self.var / "users.json"),
            "MTQ_SPEED": "1",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "QUESTDB_CONF": self.questdb.conf,
            "QUESTDB_PG": self.questdb.pg_url,
        }

    def start(self, server: Server) -> None:
        """Start a server unless it runs already, and return once it answers."""
        if server.name in self._children:
            return
        server.initialise()
        as_other = server.run_as.uid if isinstance(server, Postgres) else None
        with (self.var / f"{server.name}.log").open("wb") as log:
            child = spawn(server.command(), log=log, uid=as_other, death_signal=server.stop_signal)
        self._children[server.name] = child
        deadline = time.monotonic() + READY_WITHIN_S
        while not server.ready():
            if child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{server.name} did not start:\n{self.log_of(server)}")
            time.sleep(0.05)

    def log_of(self, server: Server) -> str:
        return (self.var / f"{server.name}.log").read_text(errors="replace")[-2000:]

    def close(self) -> None:
        """Stop what was started, in reverse, and remove the directory."""
        stops = {server.name: server.stop_signal for server in (self.postgres, self.valkey, self.questdb)}
        for name, child in reversed(self._children.items()):
            child.send_signal(stops[name])
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=10)
            if running(child.pid):
                child.kill()
                child.wait()
        self._children.clear()
        shutil.rmtree(self.var, ignore_errors=True)


def use(testbed: Testbed) -> None:
    """Export the testbed's addresses to this process and its children."""
    os.environ.update(testbed.environment())
    # A run starts more than a hundred processes: without bytecode kept, each would compile Django and torch.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
