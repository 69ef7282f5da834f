"""`up`: installs what is missing, starts every part under the supervisor, and says where the desk is."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from deploy.desk import addresses, envfile, prepared, run_file, states, webapp
from deploy.desk.artifacts import default_certificates
from deploy.desk.installer import install
from deploy.desk.layout import Layout, is_locked, lock, plain_disk_errors
from deploy.desk.parts import Blueprint, page_answers
from deploy.desk.processes import running
from deploy.desk.refusal import Refusal
from deploy.desk.run_file import Run, Wishes
from deploy.desk.servers import database_answers
from deploy.desk.supervisor import Supervisor
from deploy.desk.voice import Voice

STATE = "desk.state"


def up(layout: Layout, wishes: Wishes) -> int:
    """Start the desk and stay until it is asked to stop. Raises Refusal when it cannot start."""
    layout.make()
    held = lock(layout.lock_file)
    if held is None:
        return _say_already_up(layout, wishes)
    voice = Voice(layout.log / "desk.log")
    try:
        with plain_disk_errors(layout.var):
            held.truncate(0)
            held.write(f"{os.getpid()}\n")
            held.flush()
            _write_state(layout, "starting")
            run = run_file.settle(layout.run_file, wishes, begun=prepared.has_been(layout))
            _work(layout, run, voice)
    except Refusal as refusal:
        voice(f"the desk did not start: {refusal}" if _state(layout) == "starting" else str(refusal))
        return refusal.exit_code
    finally:
        _write_state(layout, "down")
        held.close()
    voice("desk is down")
    return 0


def _work(layout: Layout, run: Run, voice: Voice) -> None:
    addresses.settle_home(layout)
    default_certificates(os.environ)
    began = time.monotonic()
    install(layout, ("base",), voice)
    voice(f"environment is ready ({time.monotonic() - began:.1f} s)")
    for name in states.end_leftovers(layout.run, marks=(str(layout.var), str(layout.venv))):
        voice(f"{name} was left over from a desk that was killed: ended")
    for path in layout.run.glob("*.json"):
        path.unlink()
    chosen = addresses.choose(layout, run, given=os.environ, say=voice)
    envfile.write(layout.env_file, chosen.env)
    for name in chosen.outside:
        _check_outside(name, chosen.env[name])
        voice(f"{name} is given: no embedded server")
    parts = Blueprint(layout=layout, run=run, addresses=chosen).parts()
    supervisor = Supervisor(parts, run=layout.run, log=layout.log, voice=voice)
    supervisor.work(on_up=lambda missing: _announce(layout, run, voice, missing))


def _announce(layout: Layout, run: Run, voice: Voice, missing: list[str]) -> None:
    without = f", still without {', '.join(missing)}" if missing else ""
    voice(f"desk is up{without}")
    if not os.environ.get(addresses.DETACHED):  # passwords are for the terminal, not for a log
        for line in greeting(layout, run):
            voice.secret(line)
    _write_state(layout, "up")


def greeting(layout: Layout, run: Run) -> list[str]:
    """List the addresses and the first users' passwords."""
    env = envfile.read(layout.env_file)
    web = f"http://{env['MTQ_WEB_HOST']}:{env['MTQ_WEB_PORT']}"
    market = f"replay of {', '.join(run.data)}" if run.data else "synthetic market"
    lines = [
        f"  app     {web}/trade{'' if webapp.is_published(layout) else '  (being built)'}",
        f"  admin   {web}/admin/",
        f"  market  {market}, {run.speed:g} times as fast as real time, {run.run}",
        f"  logs    {layout.log}",
    ]
    if layout.users_file.exists():
        users = json.loads(layout.users_file.read_text())
        lines += [f"  login   {name}  {password}" for name, password in users.items()]
        lines.append(f"          (kept in {layout.users_file}, which only you can read)")
    return lines


def _say_already_up(layout: Layout, wishes: Wishes) -> int:
    known = run_file.read(layout.run_file)
    if known is None or _state(layout) != "up":
        print(f"mtquant: the desk is already starting (process {supervisor_pid(layout) or 'unknown'})")
        return 0
    run_file.refuse_another(known, wishes)
    print("mtquant: the desk is already up")
    print("\n".join(greeting(layout, known)))
    if wishes.speed and wishes.speed != known.speed:
        print(f"mtquant: it runs at speed {known.speed:g}; ./mtquant stop, then up --speed {wishes.speed:g}")
    return 0


def up_detached(layout: Layout, wishes: Wishes, arguments: Sequence[str]) -> int:
    """Start the desk in a session of its own, pass its lines on, and return once it is up or has failed."""
    layout.make()
    if is_locked(layout.lock_file):
        return up(layout, wishes)  # says that it is up already
    path = layout.log / "start.log"
    with path.open("ab") as log:
        already = log.tell()
        command = [sys.executable, "-P", "-m", "deploy.desk", "up", *arguments]
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=os.environ | {addresses.DETACHED: "1"},
        )
    with path.open() as output:
        output.seek(already)
        while child.poll() is None and not (_state(layout) == "up" and supervisor_pid(layout) == child.pid):
            _pass_on(output.read())
            time.sleep(0.1)
        _pass_on(output.read())
    run = run_file.read(layout.run_file)
    if child.returncode is None and run is not None:
        print("\n".join(greeting(layout, run)))
    return child.returncode or 0


def _pass_on(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def supervisor_pid(layout: Layout) -> int | None:
    """Give the pid of the supervisor that holds the lock; None when the desk is down."""
    if not is_locked(layout.lock_file):
        return None
    text = layout.lock_file.read_text().strip()
    pid = int(text) if text.isdigit() else 0
    return pid if running(pid) else None


def _state(layout: Layout) -> str:
    path = layout.run / STATE
    return path.read_text().strip() if path.exists() else "down"


def _write_state(layout: Layout, state: str) -> None:
    path = layout.run / STATE
    partial = Path(f"{path}.new")
    partial.write_text(state + "\n")
    partial.rename(path)


def _check_outside(name: str, address: str) -> None:
    """Refuse an address of the user's own at which nothing answers."""
    if name == "DATABASE_URL":
        answers = database_answers(address)
    elif name == "REDIS_URL":
        parts = urlsplit(address)
        answers = _listens(parts.hostname or "127.0.0.1", parts.port or 6379)
    else:
        host, _, port = address.partition("addr=")[2].partition(";")[0].partition(":")
        scheme = "https" if address.startswith("https") else "http"
        answers = _listens(host, int(port or 9000)) or page_answers(f"{scheme}://{host}:{port or 9000}/ping")
    if not answers:
        raise Refusal(f"{name} is set, but nothing answers there: start that server, or unset {name}")


def _listens(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=3):
            return True
    except OSError:
        return False
