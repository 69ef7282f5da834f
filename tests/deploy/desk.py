"""A small supervised desk of real shell processes, run by a Python of its own so that it can be killed."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deploy.desk import states

ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, sys
from pathlib import Path
from deploy.desk.part import Part
from deploy.desk.parts import server_part
from deploy.desk.refusal import Refusal
from deploy.desk.servers import Postgres
from deploy.desk.supervisor import Supervisor
from deploy.desk.voice import Voice
home = Path(sys.argv[1])
parts = []
for spec in json.loads(sys.argv[2]):
    if spec["name"] == "postgres" and "port" in spec:
        server = Postgres(home=home / "postgres", port=spec["port"], password=spec["password"])
        parts.append(server_part(server, env={"PATH": "/usr/bin:/bin"}))
        continue
    script, marker = spec.pop("script"), spec.pop("marker", None)
    ready = (home / marker).exists if marker else (lambda: True)
    parts.append(Part(command=lambda again, s=script: ["sh", "-c", s], ready=ready, cwd=home,
                      env={"PATH": "/usr/bin:/bin"}, **spec | {"after": tuple(spec.get("after", ()))}))
try:
    supervisor = Supervisor(parts, run=home / "run", log=home / "log", voice=Voice())
    supervisor.work(on_up=lambda missing: print("UP", *missing, flush=True))
except Refusal as refusal:
    sys.exit(str(refusal))
"""


class ScratchDesk:
    def __init__(self, home: Path, *parts: dict[str, object]) -> None:
        self.home = home
        self.run = home / "run"
        self.run.mkdir()
        (home / "log").mkdir()
        self.output = home / "output"
        with self.output.open("wb") as output:
            command = [sys.executable, "-c", PROGRAM, str(home), json.dumps(parts)]
            self.process = subprocess.Popen(command, stdout=output, stderr=output, cwd=ROOT)

    def state(self, name: str) -> states.ProcessState:
        return next(state for state in states.read_all(self.run) if state.name == name)

    def pid(self, name: str) -> int:
        pid = self.state(name).pid
        assert pid is not None
        return pid

    def said(self) -> str:
        return self.output.read_text()

    def wait_up(self) -> None:
        eventually(lambda: "UP" in self.said())

    def end(self) -> str:
        self.process.terminate()
        self.process.wait(timeout=120)
        return self.said()


def eventually(holds: Callable[[], bool], *, within_s: float = 120) -> None:
    """Wait for something that another process brings about; fail only when it never comes."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)
