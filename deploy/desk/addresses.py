"""Chooses addresses and secrets once per var/, keeps them in desk.env, and leaves ports that are taken."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.desk import envfile
from deploy.desk.layout import Layout
from deploy.desk.ports import free_port, is_free
from deploy.desk.run_file import Run
from deploy.desk.servers import Postgres, QuestDB, Server, Valkey

WEB_PORT = 8000
DETACHED = "MTQ_DETACHED"  # tells `up` that nobody reads along: no passwords then
EMBEDDED = ("DATABASE_URL", "REDIS_URL", "QUESTDB_CONF")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    env: dict[str, str]  # what desk.env holds and every child gets
    servers: tuple[Server, ...]  # those we run ourselves
    outside: tuple[str, ...]  # names of the variables that point to servers of the user's own


def choose(layout: Layout, run: Run, *, given: Mapping[str, str], say: Callable[[str], None]) -> Addresses:
    """Keep the addresses of the last start where their ports are free; `given` is the user's environment."""
    known = envfile.read(layout.env_file)
    ports = _Ports(known, say)
    password = known.get("MTQ_SERVER_PASSWORD") or secrets.token_hex(16)
    postgres = Postgres(home=layout.var / "postgres", port=ports.pick("postgres"), password=password)
    valkey = Valkey(home=layout.var / "valkey", port=ports.pick("valkey"), password=password)
    questdb = QuestDB(
        home=layout.var / "questdb",
        port=ports.pick("questdb"),
        pg_port=ports.pick("questdb_pg"),
        password=password,
        cache=layout.cache,
    )
    own: dict[str, Server] = {"DATABASE_URL": postgres, "REDIS_URL": valkey, "QUESTDB_CONF": questdb}
    outside = tuple(name for name in EMBEDDED if given.get(name))
    host = given.get("MTQ_WEB_HOST") or "127.0.0.1"
    control = f"http://127.0.0.1:{ports.pick('control')}"
    env = {
        "MTQ_VAR": str(layout.var),
        "MTQ_RUN": run.run,
        "MTQ_WORLD": "sim",
        "MTQ_SECRET_KEY": known.get("MTQ_SECRET_KEY") or secrets.token_urlsafe(48),
        "MTQ_SERVER_PASSWORD": password,
        "DATABASE_URL": given.get("DATABASE_URL") or postgres.url,
        "REDIS_URL": given.get("REDIS_URL") or valkey.url,
        "QUESTDB_CONF": given.get("QUESTDB_CONF") or questdb.conf,
        "QUESTDB_PG": _questdb_pg(given, questdb),
        "MTQ_WEB_HOST": host,
        "MTQ_WEB_PORT": str(ports.pick_web(host, given.get("MTQ_WEB_PORT"))),
        "MTQ_VENUE_URL": f"http://127.0.0.1:{ports.pick('venue')}/mcp",
        "MTQ_VENUE_CONTROL": control,
        "MTQ_VENUE_TOKEN_FILE": str(layout.venue / "control.token"),
        "MTQ_VENUE_LOG": str(layout.venue / "log.jsonl"),
        "MTQ_GATE_DIR": str(layout.gate),
        "MTQ_SPEED": f"{run.speed:g}",
        "MTQ_USERS_FILE": str(layout.users_file),
    }
    servers = tuple(server for name, server in own.items() if name not in outside)
    # QuestDB takes longest: it is started first and waited for last.
    return Addresses(env=env, servers=tuple(reversed(servers)), outside=outside)


class _Ports:
    """Ports of the last start, each replaced when something else listens on it now."""

    def __init__(self, known: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._say = say
        self._web = known.get("MTQ_WEB_PORT")
        self._known = {
            "postgres": _port(known.get("DATABASE_URL")),
            "valkey": _port(known.get("REDIS_URL")),
            "questdb": _port(known.get("QUESTDB_CONF", "").partition("addr=")[2].partition(";")[0]),
            "questdb_pg": _port(known.get("QUESTDB_PG")),
            "venue": _port(known.get("MTQ_VENUE_URL")),
            "control": _port(known.get("MTQ_VENUE_CONTROL")),
        }
        self._taken = {port for port in self._known.values() if port}

    def pick(self, name: str) -> int:
        known = self._known[name]
        if known and is_free(known):
            return known
        port = free_port(taken=self._taken)
        if known:
            self._say(f"port {known} is busy: {name} takes {port}")
        return port

    def pick_web(self, host: str, wished: str | None) -> int:
        """Take the wished port, the last one or 8000, else the next free one above it."""
        first = port = int(wished or self._web or WEB_PORT)
        while port in self._taken or not is_free(port, host):
            port += 1
        if port != first:
            self._say(f"port {first} is busy: web takes {port}")
        return port


def _port(address: str | None) -> int | None:
    if not address:
        return None
    parts = urlsplit(address if "://" in address else f"//{address}")
    return parts.port if parts.hostname == "127.0.0.1" else None


def _questdb_pg(given: Mapping[str, str], embedded: QuestDB) -> str:
    """Derive the reading address from the writing one where only that was given."""
    if given.get("QUESTDB_PG"):
        return given["QUESTDB_PG"]
    conf = given.get("QUESTDB_CONF")
    if not conf:
        return embedded.pg_url
    fields = dict(item.split("=", 1) for item in conf.partition("::")[2].split(";") if "=" in item)
    host = fields.get("addr", "127.0.0.1").rpartition(":")[0] or fields.get("addr", "127.0.0.1")
    return f"postgres://{fields.get('username', 'admin')}:{fields.get('password', 'quest')}@{host}:8812/qdb"


def child_environment(layout: Layout, env: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of every child: the user's, the desk's, and nothing that leads elsewhere."""
    inherited = {
        key: value for key, value in os.environ.items() if not key.startswith("PG") and key != DETACHED
    }
    loopback = ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1", "localhost"]))
    return inherited | {
        **env,
        "PYTHONPATH": str(layout.root),
        "PYTHONUNBUFFERED": "1",
        "DJANGO_SETTINGS_MODULE": "mtquant_site.settings.local",
        "NO_PROXY": loopback,
        "no_proxy": loopback,
    }


def settle_home(layout: Layout) -> None:
    """Give this process a home it can write, so that no library fails or litters where there is none."""
    home = os.environ.get("HOME")
    if not home or not os.access(home, os.W_OK):
        os.environ["HOME"] = str(layout.cache / "home")
        Path(os.environ["HOME"]).mkdir(parents=True, exist_ok=True)
    os.environ["XDG_CACHE_HOME"] = str(layout.cache / "xdg")
