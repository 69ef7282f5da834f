"""A part of the desk as the supervisor sees it: how to start it, when it is ready, how to stop it."""

import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


def _at_once() -> bool:
    return True


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process, or one step that runs to its end (`once`)."""

    name: str
    command: Callable[[bool], list[str]]  # told whether this is a restart
    address: str = ""
    after: tuple[str, ...] = ()  # parts that must be up before the first start; restarts wait for nobody
    before_start: Callable[[], None] = _nothing
    ready: Callable[[], bool] = _at_once
    ready_within_s: float = 60.0
    on_done: Callable[[], None] = _nothing
    once: bool = False
    show: bool = False  # pass its output on to the terminal while it runs
    needed: bool = True  # without it there is no desk; the others are named and waited for no longer
    later: bool = (
        False  # begun once the desk is up; nobody waits for it, and a step that fails is tried again
    )
    first_backoff_s: float = 0.3
    longest_backoff_s: float = 10.0
    niceness: int = 0
    done_says: str = ""  # what the end of a step means to a user, instead of "NAME done"
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL  # what it gets when the supervisor is killed
    stop_within_s: float = 10.0
    uid: int | None = None
    env: dict[str, str] = field(default_factory=dict)
    cwd: Path | None = None
