"""The advisory locks of desk, sources and accounts, always taken in that order, and how long to wait.

They are held to the end of the transaction, and queue fairly. What is read under a lock must be a
statement of its own after the lock: one statement for both would see a snapshot older than the lock.
Below them come row locks, in this order: orders, then the account's cash and positions, the head of its
audit chain, then the gate (`desk-room`) before the desk's figures, and last the desk's own chain. Whoever
touches more than one order locks them all, by id, before anything is written; so no two transactions can
wait in a circle.
"""

import hashlib
import heapq
import math
import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

from django.conf import settings
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from apps.portfolio.errors import Busy

ENTRY_WAIT_S = 0.1
EXIT_WAIT_S = 2.0
AGENT = "agent:"
Mode = Literal["shared", "exclusive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Locks in the order in which they are taken, and how long to wait for all of them together."""

    keys: list[int]
    shared: list[bool]
    wait_s: float

    @property
    def arguments(self) -> list[Any]:
        """Return what the SQL function `portfolio_lock` takes."""
        return [self.keys, self.shared, int(self.wait_s * 1000)]


def wanted(
    *,
    desk: Mode | None = None,
    sources: Iterable[str] = (),
    accounts: Iterable[str] = (),
    wait_s: float,
) -> Wanted:
    """Name locks in the one order: desk, sources, accounts."""
    steps: list[tuple[str, Mode]] = [("desk", desk)] if desk else []
    steps += [(name, "exclusive") for name in sorted({_source(source) for source in sources})]
    steps += [(f"account:{name}", "exclusive") for name in sorted(set(accounts))]
    return Wanted(
        keys=[key(scope) for scope, _ in steps],
        shared=[mode == "shared" for _, mode in steps],
        wait_s=wait_s,
    )


def of_entry(*, account: str, source: str) -> Wanted:
    """Name what an entry needs: the desk shared, its source, its account, for 100 ms together."""
    return wanted(desk="shared", sources=(source,), accounts=(account,), wait_s=ENTRY_WAIT_S)


def of_exit(*, account: str, source: str) -> Wanted:
    """Name what an exit needs, for 2 s; no desk level can stop it."""
    return wanted(sources=(source,), accounts=(account,), wait_s=EXIT_WAIT_S)


NOTHING = Wanted(keys=[], shared=[], wait_s=0)


def lock_account(slug: str, *, exit: bool = False) -> None:  # noqa: A002 - the word of the trade
    """Hold one account until the transaction ends. Raises Busy after 100 ms, for exits after 2 s."""
    take(accounts=(slug,), wait_s=EXIT_WAIT_S if exit else ENTRY_WAIT_S)


def lock_desk(*, wait_s: float = EXIT_WAIT_S) -> None:
    """Hold the desk alone, for a trip or a tighter limit. Raises Busy."""
    take(desk="exclusive", wait_s=wait_s)


def take(
    *,
    desk: Mode | None = None,
    agents: Iterable[str] = (),
    sources: Iterable[str] = (),
    accounts: Iterable[str] = (),
    wait_s: float,
) -> None:
    """Take locks in the one order, waiting `wait_s` for all of them together. Raises Busy.

    After Busy the transaction is lost: let the exception leave the atomic block.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a lock that ends with the transaction needs one")
    asked = wanted(
        desk=desk,
        sources=[*sources, *(f"{AGENT}{name}" for name in agents)],
        accounts=accounts,
        wait_s=wait_s,
    )
    if asked.keys:
        with connection.cursor() as cursor, held_by_others():
            cursor.execute("SELECT portfolio_lock(%s, %s, %s)", asked.arguments)


@contextmanager
def held_by_others(what: str = "the desk, the source or the account") -> Iterator[None]:
    """Turn a lock that was not to be had in time into Busy."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise Busy(f"{what} is held by somebody else") from error
        raise


def _source(source: str) -> str:
    return source if source.startswith(AGENT) else f"source:{source}"


def key(scope: str) -> int:
    """Return the lock number of `desk`, `agent:<slug>` or `account:<slug>`; equals share a wait."""
    digest = hashlib.blake2b(f"mtquant:{scope}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@contextmanager
def deadline(wait_s: float) -> Iterator["Patience"]:
    """Give the database `wait_s` and a little more for the block, then cut the connection. Raises Busy.

    Nothing else covers a server that stopped answering, or a network that swallows packets: lock and
    statement timeouts are the server's own. A connection that was cut is discarded. What is given can be told
    to rest while this process works, and to go on with the next statement.
    """
    connection.ensure_connection()
    patience = Patience(connection.connection.fileno())
    patience.allow(wait_s)
    try:
        yield patience
    except Exception as error:
        if patience.is_cut:
            raise Busy("the database did not answer in time") from error
        raise
    finally:
        patience.rest()
        if patience.is_cut:
            connection.close()  # also where the block just made it: the next statement would find it dead


class Patience:
    """How long somebody waits for an answer on a connection, named by its file descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._until = math.inf
        self._one_at_a_time = threading.Lock()
        self.is_cut = False

    def allow(self, wait_s: float) -> None:
        """Wait from now on for `wait_s` and what a server may take beyond."""
        with self._one_at_a_time:
            self._until = time.monotonic() + wait_s + settings.MTQ_ANSWER_WITHIN_S
        _watchdog.watch(self, self._until)

    def rest(self) -> None:
        """Expect no answer for now."""
        with self._one_at_a_time:
            self._until = math.inf

    def shut_if_over(self) -> None:
        """Cut the connection, unless nobody waits: the descriptor may be somebody else's by then."""
        with self._one_at_a_time:
            if time.monotonic() < self._until:
                return
            self.is_cut = True
            # A duplicate: closing it leaves the owner's descriptor alone, and both name one connection.
            with socket.socket(fileno=os.dup(self._descriptor)) as twin:
                twin.shutdown(socket.SHUT_RDWR)


class _Watchdog:
    """One thread that shuts the sockets of those who are past their deadline."""

    def __init__(self) -> None:
        self._queue: list[tuple[float, int, Patience]] = []
        self._numbers = count()  # so that equal moments need no comparison of what waits
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None

    def watch(self, patience: Patience, until: float) -> None:
        entry = (until, next(self._numbers), patience)
        with self._news:
            heapq.heappush(self._queue, entry)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="permit deadlines", daemon=True)
                self._thread.start()
            elif self._queue[0] is entry:
                self._news.notify()

    def _run(self) -> None:
        while True:
            with self._news:
                while not self._queue:
                    self._news.wait()
                left = self._queue[0][0] - time.monotonic()
                if left > 0:
                    self._news.wait(left)
                    continue
                _, _, due = heapq.heappop(self._queue)
            due.shut_if_over()


_watchdog = _Watchdog()


def lock_desk_audit() -> None:
    """Hold the desk's audit chain, last of all locks. Raises Busy after 2 s."""
    if not connection.in_atomic_block:
        raise RuntimeError("a lock that ends with the transaction needs one")
    with connection.cursor() as cursor, held_by_others("the desk's audit chain"):
        cursor.execute(
            "SELECT set_config('lock_timeout', '2s', true), pg_advisory_xact_lock(%s)", [key("desk-audit")]
        )
