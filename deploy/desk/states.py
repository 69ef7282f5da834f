"""State files of the supervised processes: written by the supervisor, read by status, stop and doctor."""

import json
import os
import signal
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.desk.processes import command_line, group_of, running, signal_group, started_ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessState:
    name: str
    pid: int | None
    state: str  # waiting, starting, up, restarting, done, stopped
    address: str
    since: str  # wall time of the last change of state
    restarts: int
    ticks: int | None  # start time of the process: with the pid it names one process for good
    order: int
    later: bool = False  # joins a desk that is up already, and may be at work for a while
    trouble: str = ""  # why its last try ended; empty once it is up or done
    note: str = ""  # the last line that a step showed


def write(folder: Path, state: ProcessState) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    target = folder / f"{state.name}.json"
    partial = target.with_suffix(".new")
    partial.write_text(json.dumps(asdict(state)))
    partial.rename(target)


def read_all(folder: Path) -> list[ProcessState]:
    """Read every state file in starting order; a damaged one is left out (doctor names it)."""
    states = []
    for path in folder.glob("*.json"):
        try:
            states.append(ProcessState(**json.loads(path.read_text())))
        except (ValueError, TypeError):
            continue
    return sorted(states, key=lambda state: state.order)


def lives(state: ProcessState) -> bool:
    return state.pid is not None and running(state.pid) and started_ticks(state.pid) == state.ticks


def end_leftovers(folder: Path, *, marks: tuple[str, ...], grace_s: float = 5) -> list[str]:
    """End processes of a desk whose supervisor was killed; gives their names.

    `marks` are texts (paths of this desk) one of which stands in the command line of every process of ours.
    """
    groups = {state.pid: state.name for state in read_all(folder) if state.pid and _is_ours(state, marks)}
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in groups:
            signal_group(pid, number)
        deadline = time.monotonic() + grace_s
        while any(group_of(pid) for pid in groups) and time.monotonic() < deadline:
            time.sleep(0.05)
    return list(groups.values())


def _is_ours(state: ProcessState, marks: tuple[str, ...]) -> bool:
    """Tell whether the group is still that of the recorded process, or of children that outlived it."""
    if state.pid is None or state.pid == os.getpid():
        return False
    if running(state.pid):
        return lives(state)
    members = group_of(state.pid)
    return bool(members) and all(any(mark in command_line(pid) for mark in marks) for pid in members)
