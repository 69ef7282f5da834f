"""Starts child processes that die with their parent, and reads from /proc what became of them."""

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disguise:
    """How a server that refuses to run as root is started by root."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None


@cache
def disguise() -> Disguise:
    """Choose once: nothing for an ordinary user; for root a user namespace, else the user nobody."""
    if os.geteuid() != 0:
        return Disguise()
    prefix = ("unshare", "--user", "--map-user=65534", "--map-group=65534", "--")
    try:
        works = (
            subprocess.run([*prefix, "true"], capture_output=True, check=False, timeout=10).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        works = False
    return Disguise(prefix=prefix) if works else Disguise(uid=65534)


def spawn(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | int,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    uid: int | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    niceness: int = 0,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own that gets `death_signal` when its parent ends.

    Call it from the main thread: the kernel sends the death signal when the starting *thread* ends.
    """
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=None if env is None else dict(env),
        cwd=cwd,
        user=uid,
        group=uid,
        extra_groups=None if uid is None else [],
        start_new_session=True,
        preexec_fn=_follow_parent(os.getpid(), death_signal, niceness),  # noqa: PLW1509 (the launcher has one thread)
    )


def _follow_parent(parent: int, death_signal: signal.Signals, niceness: int) -> Callable[[], None]:
    def follow() -> None:
        signal.pthread_sigmask(
            signal.SIG_SETMASK, ()
        )  # the supervisor holds back signals that its children need
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        os.nice(niceness)
        if os.getppid() != parent:  # it ended between fork and prctl: nobody would ever tell us
            os._exit(1)

    return follow


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose own parent was killed, so as to end and reap them."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def running(pid: int) -> bool:
    """Tell whether the process lives; a zombie does not."""
    fields = _stat(pid)
    return bool(fields) and fields[0] not in {"Z", "X"}


def started_ticks(pid: int) -> int | None:
    """Give the start time in clock ticks since boot: with the pid it names one process for good."""
    fields = _stat(pid)
    return int(fields[19]) if fields else None


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on; empty where there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def listens(pid: int, port: int) -> bool:
    """Tell whether this very process listens at a TCP port, and not another one that took it first."""
    try:
        rows = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
        numbers = os.listdir(f"/proc/{pid}/fd")  # noqa: PTH208 (closed at once: it would be one of them)
    except OSError:
        return False
    open_files = []
    for number in numbers:
        with contextlib.suppress(OSError):  # closed meanwhile
            open_files.append(Path(f"/proc/{pid}/fd/{number}").readlink().name)
    sockets = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A" and row[1].endswith(f":{port:04X}")}
    return not sockets.isdisjoint(open_files)


def signal_group(pid: int, number: signal.Signals) -> None:
    """Signal a process started by `spawn` and all that stayed in its session's group."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def group_of(leader: int) -> list[int]:
    """List living members of the process group that the leader founded, the leader included."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [
        pid for pid in pids if (fields := _stat(pid)) and int(fields[2]) == leader and fields[0] not in "ZX"
    ]
