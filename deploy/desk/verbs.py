"""`stop`, `status` and `reset`."""

import json
import os
import shutil
import signal
import sys
import time
from datetime import UTC, datetime

from deploy.desk import states
from deploy.desk.layout import Layout, is_locked, lock
from deploy.desk.refusal import Refusal
from deploy.desk.up import STATE, supervisor_pid

STOP_WITHIN_S = 120
KEPT_AT_RESET = {"cache", "frontend", "old", "desk.lock"}


def stop(layout: Layout) -> int:
    """Ask the supervisor to stop and wait for it; end what a killed supervisor left."""
    layout.check_owner()
    pid = supervisor_pid(layout)
    if pid is None:
        left = states.end_leftovers(layout.run, marks=(str(layout.var), str(layout.venv)))
        print(f"mtquant: the desk is down{'; ended what was left: ' + ', '.join(left) if left else ''}")
        return 0
    began = time.monotonic()
    os.kill(pid, signal.SIGTERM)
    while is_locked(layout.lock_file):
        if time.monotonic() - began > STOP_WITHIN_S:
            raise Refusal(
                f"the supervisor (process {pid}) does not stop: kill -9 {pid}, then ./mtquant stop again"
            )
        time.sleep(0.1)
    print(f"mtquant: desk is down ({time.monotonic() - began:.1f} s)")
    return 0


def status(layout: Layout, *, as_json: bool) -> int:
    """Print each process; exit code 0 when the desk is up and nothing failed, else 1.

    What joins a running desk (packages, trainer, web app) may still be at work; a failed try of it counts.
    """
    up = supervisor_pid(layout) is not None
    rows = [_row(state, up=up) for state in states.read_all(layout.run)]
    desk = _desk_state(layout, up=up)
    if as_json:
        print(json.dumps({"desk": desk, "processes": rows}, indent=2))
    else:
        print(f"desk is {desk}")
        for row in rows:
            pid = row["pid"] or "-"
            print(
                f"  {row['name']:<14} {pid!s:>8}  {row['state']:<10} {row['since']:<24} "
                f"restarts {row['restarts']:<3} {row['address'] or row['trouble'] or row['note']}".rstrip()
            )
    well = desk == "up" and all(_is_well(row) for row in rows)
    return 0 if well else 1


def _is_well(row: dict[str, object]) -> bool:
    return row["state"] in {"up", "done"} or bool(row["later"] and not row["trouble"])


def _row(state: states.ProcessState, *, up: bool) -> dict[str, object]:
    shown = state.state
    if not up and shown not in {"stopped", "done"}:
        shown = "left over" if states.lives(state) else "gone"
    return {
        "name": state.name,
        "pid": state.pid,
        "state": shown,
        "address": state.address,
        "since": state.since[:23] + "Z",
        "restarts": state.restarts,
        "later": state.later,
        "trouble": state.trouble,
        "note": state.note,
    }


def _desk_state(layout: Layout, *, up: bool) -> str:
    if not up:
        return "down"
    return (layout.run / STATE).read_text().strip()


def reset(layout: Layout) -> int:
    """Move the run aside, after a typed word; downloads stay. Raises Refusal while the desk is up."""
    layout.check_owner()
    if not layout.var.exists():
        print("mtquant: there is nothing to put aside")
        return 0
    held = lock(layout.lock_file)
    if held is None:
        raise Refusal("the desk is up: ./mtquant stop first")
    try:
        states.end_leftovers(layout.run, marks=(str(layout.var), str(layout.venv)))
        target = layout.var / "old" / f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}"
        print(f"This puts the whole run (orders, positions, market, passwords) aside into {target}.")
        print("Type reset to go on: ", end="", flush=True)
        if sys.stdin.readline().strip() != "reset":
            raise Refusal("nothing was changed")
        target.mkdir(parents=True, mode=0o700)
        for path in layout.var.iterdir():
            if path.name not in KEPT_AT_RESET:
                shutil.move(path, target / path.name)
    finally:
        held.close()
    print(f"mtquant: done; ./mtquant up begins a new run, {target} may be deleted")
    return 0
