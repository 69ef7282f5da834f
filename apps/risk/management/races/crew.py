"""Processes that ask for permits at the same moment: threads of one would only queue for its interpreter."""

import contextlib
import logging
import multiprocessing
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.synchronize import Barrier
from typing import Literal

from django.db import connection, connections

from apps.portfolio import ledger
from apps.portfolio.domain.order import OrderRequest
from apps.portfolio.errors import Busy as AccountHeld
from apps.risk import review
from apps.risk.domain.verdict import Approved
from apps.risk.errors import Busy, Refused

GIVE_UP_AFTER_S = 60.0
MEANWHILE_S = 1.0
# Who is told busy asks again a little later, and later each time: all at once again would only be busy again.
PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.5
log = logging.getLogger(__name__)
_forks = multiprocessing.get_context("fork")
Said = Literal["approved", "denied", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one order came to. Of `attempts_ms` the last had the verdict; the others were busy.

    `why_busy` has a sentence for each of those.
    """

    order_id: str
    said: Said
    reasons: tuple[str, ...]
    attempts_ms: tuple[float, ...]
    why_busy: tuple[str, ...]
    verdict_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What one thread asks, an order after another; `takes_back` ends each approved one before the next."""

    requests: tuple[OrderRequest, ...]
    takes_back: bool = False


class Crew:
    """`processes` x `threads` writers, each with a connection of its own that it keeps until `close`.

    Make it before anything else is running in this process: the writers are forks of it.
    """

    def __init__(self, processes: int, threads: int) -> None:
        self.size = processes * threads
        self._threads = threads
        connections.close_all()  # a fork must not share the parent's socket
        # Kept: where the parent forgets a barrier, the next one gets its memory.
        self._gate = _forks.Barrier(self.size)
        self._pipes: list[Connection] = []
        self._processes = []
        for _ in range(processes):
            here, there = _forks.Pipe()
            process = _forks.Process(
                target=_serve, args=(there, self._gate, threads, (*self._pipes, here)), daemon=True
            )
            process.start()
            there.close()
            self._pipes.append(here)
            self._processes.append(process)

    def ask_at_once(self, requests: Sequence[OrderRequest]) -> list[Answer]:
        """Let every writer ask for one order, all released together."""
        self.start([Script(requests=(request,)) for request in requests])
        return [answer for answers in self.finish() for answer in answers]

    def start(self, scripts: Sequence[Script]) -> None:
        """Release every writer on a script of its own."""
        if len(scripts) != self.size:
            raise ValueError(f"{self.size} writers need as many scripts, not {len(scripts)}")
        for at, pipe in enumerate(self._pipes):
            pipe.send(tuple(scripts[at * self._threads : (at + 1) * self._threads]))

    def is_done(self, within_s: float) -> bool:
        """Wait so long at most, and tell whether a writer's process has all its answers."""
        return bool(wait(self._pipes, within_s))

    def finish(self, meanwhile: Callable[[], object] = int) -> list[list[Answer]]:
        """Wait for the writers, and return what each was told; call `meanwhile` every second until then."""
        waiting = list(self._pipes)
        while waiting:
            done = wait(waiting, MEANWHILE_S)
            waiting = [pipe for pipe in waiting if pipe not in done]
            if not done:
                meanwhile()
        return [answers for pipe in self._pipes for answers in pipe.recv()]

    def close(self) -> None:
        for pipe in self._pipes:
            with contextlib.suppress(BrokenPipeError):
                pipe.send(None)
        for process in self._processes:
            process.join(10)
            if process.is_alive():
                process.kill()


def _serve(pipe: Connection, gate: Barrier, threads: int, others: Sequence[Connection]) -> None:
    """Be one process of the crew, until told to end or the parent is gone."""
    for other in others:
        other.close()  # the parent's ends: whoever kept one open would never see that the parent is gone
    with ThreadPoolExecutor(threads) as pool:
        ends = threading.Barrier(threads)
        with contextlib.suppress(EOFError, KeyboardInterrupt):
            while (scripts := pipe.recv()) is not None:
                pipe.send(list(pool.map(lambda script: _play(script, gate), scripts)))
        list(pool.map(lambda _: _leave(ends), range(threads)))


def _play(script: Script, gate: Barrier) -> list[Answer]:
    connection.ensure_connection()
    gate.wait(GIVE_UP_AFTER_S)
    answers = []
    for request in script.requests:
        answer = ask(request)
        if script.takes_back and answer.said == "approved":
            take_back(answer.order_id)
        answers.append(answer)
    return answers


def _leave(ends: threading.Barrier) -> None:
    connection.close()
    ends.wait()  # so that each thread of the pool gets one of these


def ask(request: OrderRequest) -> Answer:
    """Ask as callers do: the same intent again while it is busy, after a pause, until there is a verdict."""
    attempts: list[float] = []
    why_busy: list[str] = []
    said: Said = "none"
    reasons: tuple[str, ...] = ("busy to the end",)
    order_id = ""
    began = time.perf_counter()
    while said == "none" and time.perf_counter() - began < GIVE_UP_AFTER_S:
        since = time.perf_counter()
        try:
            verdict = review.permit(request)
            said = "approved" if isinstance(verdict, Approved) else "denied"
            reasons = () if isinstance(verdict, Approved) else tuple(each.reason for each in verdict.reasons)
            order_id = verdict.order.client_order_id if verdict.order else ""
        except Busy as error:
            why_busy.append(str(error))
        except Exception as error:  # an edge: the judge counts it as a miss, by its name
            log.warning("a permit failed", exc_info=error)
            reasons = (_name(error),)
            break
        finally:
            attempts.append((time.perf_counter() - since) * 1000)
        if said == "none":
            time.sleep(_pause_s(len(why_busy)))
    return Answer(
        order_id=order_id,
        said=said,
        reasons=reasons,
        attempts_ms=tuple(attempts),
        why_busy=tuple(why_busy),
        verdict_ms=(time.perf_counter() - began) * 1000,
    )


def _pause_s(times_busy: int) -> float:
    longest = min(PAUSE_S * 2.0 ** min(times_busy, 10), LONGEST_PAUSE_S)
    return random.uniform(longest / 2, longest)  # noqa: S311 - a drawn lot, not a secret


def _name(error: Exception) -> str:
    return error.reason if isinstance(error, Refused) else f"{type(error).__name__}: {error}"[:200]


def take_back(order_id: str) -> None:
    """End an approved order that nobody has sent, so that its room is free again."""
    while True:
        try:
            ledger.cancel_local(order_id=order_id, detail="the race is over")
        except AccountHeld:
            continue
        return
