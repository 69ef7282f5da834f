"""`doctor`: looks at everything that commonly goes wrong; a line each, with how to mend it."""

import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation

from deploy.desk import envfile, run_file, states, webapp
from deploy.desk.artifacts import QUESTDB_SHA256, QUESTDB_VERSION, sha256
from deploy.desk.installer import is_current
from deploy.desk.layout import WARM_START_MIB, Layout, user_name
from deploy.desk.ports import is_free
from deploy.desk.refusal import Refusal
from deploy.desk.servers import POSTGRES_MAJOR
from deploy.desk.up import supervisor_pid

Look = Callable[[Layout], Iterator[str]]
CAPS = ("max_order_lots", "max_order_value", "max_orders_per_second", "max_orders_per_minute")


def doctor(layout: Layout) -> int:
    """Print every trouble found; exit code 1 when there is any."""
    troubles = [line for look in LOOKS for line in look(layout)]
    for line in troubles:
        print(f"mend: {line}")
    desk = "up" if supervisor_pid(layout) else "down"
    print(f"{len(LOOKS)} looks, {len(troubles)} troubles; the desk is {desk}")
    return 1 if troubles else 0


def disk(layout: Layout) -> Iterator[str]:
    free = shutil.disk_usage(layout.root).free // 2**20
    if free < WARM_START_MIB:
        yield f"{free} MiB are free on the disk of {layout.root}: make room, {WARM_START_MIB} MiB are needed"


def ownership(layout: Layout) -> Iterator[str]:
    if not layout.var.exists():
        return
    owner = layout.var.stat().st_uid
    if owner != os.geteuid():
        yield f"{layout.var} belongs to {user_name(owner)}: run as {user_name(owner)}, or chown -R it"
    for path in (layout.var, layout.env_file, layout.users_file, layout.gate, layout.gate / "caps.json"):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o066:
            yield f"{path} can be read by others: chmod go-rwx '{path}'"


def locks(layout: Layout) -> Iterator[str]:
    if not is_current(layout, "base"):
        yield ".venv is not at requirements/base.txt: ./mtquant up installs what is missing"


def joining(layout: Layout) -> Iterator[str]:
    """Look for what joins a running desk and is not there; while the desk is up it is at work on it."""
    if supervisor_pid(layout) or not layout.run_file.exists():
        return
    if not is_current(layout, "training"):
        yield "the training packages are not installed, no agent can be trained: ./mtquant up installs them"
    if is_current(layout, "base") and not webapp.is_published(layout):
        yield "the web app is not built from the sources as they stand: ./mtquant up builds it"


def artifacts(layout: Layout) -> Iterator[str]:
    jar = layout.cache / f"questdb-{QUESTDB_VERSION}.jar"
    if jar.exists() and sha256(jar) != QUESTDB_SHA256:
        yield f"{jar} has another hash than pinned: remove it, the next up fetches it again"


def data_versions(layout: Layout) -> Iterator[str]:
    version = layout.var / "postgres" / "data" / "PG_VERSION"
    if version.exists() and version.read_text().strip() != POSTGRES_MAJOR:
        yield (
            f"{version.parent} was written by PostgreSQL {version.read_text().strip()}, this desk runs "
            f"{POSTGRES_MAJOR}: use the release that wrote it, or ./mtquant reset"
        )
    if layout.run_file.exists():
        try:
            run_file.read(layout.run_file)
        except Refusal as refusal:
            yield str(refusal)


def ports(layout: Layout) -> Iterator[str]:
    """Look for ports of the last start that something else holds now."""
    if supervisor_pid(layout):
        return
    port = envfile.read(layout.env_file).get("MTQ_WEB_PORT")
    if port and not is_free(int(port)):
        yield f"port {port} is held by another process: the next up takes another and says so"


def processes(layout: Layout) -> Iterator[str]:
    up = supervisor_pid(layout) is not None
    for state in states.read_all(layout.run):
        alive = states.lives(state)
        if up and state.state == "up" and not alive:
            yield f"{state.name} is dead, unnoticed: ./mtquant stop, then up; {layout.log}/{state.name}.log"
        if up and state.trouble:
            yield (
                f"{state.name} ended {state.restarts} times and is tried again: {state.trouble} "
                f"(see {layout.log}/{state.name}.log)"
            )
        if not up and alive:
            yield f"{state.name} (process {state.pid}) outlived its supervisor: ./mtquant stop ends it"


def caps(layout: Layout) -> Iterator[str]:
    path = layout.gate / "caps.json"
    if not path.exists():
        if layout.gate.exists():
            yield f"{path} is missing: every order is refused; ./mtquant up writes paper defaults"
        return
    try:
        raw = json.loads(path.read_text())
        wrong = [name for name in CAPS if not Decimal(str(raw[name])) > 0]
    except (ValueError, KeyError, TypeError, InvalidOperation, OSError) as error:
        yield f"{path} cannot be read ({error}): correct or remove it, ./mtquant up writes defaults"
        return
    if wrong:
        yield f"{path}: {', '.join(wrong)} must be above 0"


def halted(layout: Layout) -> Iterator[str]:
    kill = layout.gate / "KILL"
    if kill.exists():
        yield f"{kill} stops every order: remove it once the reason is gone"


def suspended_tables(layout: Layout) -> Iterator[str]:
    """Ask a running QuestDB for tables that stopped applying rows, as after a full disk."""
    address = envfile.read(layout.env_file).get("QUESTDB_PG")
    if not supervisor_pid(layout) or not address:
        return
    # Imported here: doctor also runs before the desk's environment exists.
    try:
        import psycopg  # noqa: PLC0415
    except ImportError:
        return
    try:
        with psycopg.connect(address, connect_timeout=3, autocommit=True) as wire:
            rows = wire.execute("select name from wal_tables() where suspended").fetchall()
    except psycopg.Error as error:
        yield f"QuestDB does not answer ({str(error).splitlines()[0]}): see {layout.log}/questdb.log"
        return
    for (name,) in rows:
        yield f"table {name} in QuestDB is suspended: make room, then run: alter table {name} resume wal"


LOOKS: tuple[Look, ...] = (
    disk,
    ownership,
    locks,
    joining,
    artifacts,
    data_versions,
    ports,
    processes,
    caps,
    halted,
    suspended_tables,
)
