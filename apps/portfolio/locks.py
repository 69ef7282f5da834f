"""The advisory locks of desk, agents and accounts, always taken in that order.

They are held to the end of the transaction, and queue fairly. What is read under a lock must be a
statement of its own after the lock: one statement for both would see a snapshot older than the lock.
Below them come row locks, in this order: orders, then the account's cash and positions, last the head of
an audit chain. Whoever touches more than one order locks them all, by id, before anything is written; so
no two transactions can wait in a circle.
"""

import hashlib
import time
from collections.abc import Iterable, Sequence
from typing import Literal

from django.db import OperationalError, connection
from django.db.backends.utils import CursorWrapper
from psycopg.errors import LockNotAvailable

from apps.portfolio.errors import Busy

ENTRY_WAIT_S = 0.1
EXIT_WAIT_S = 2.0
Mode = Literal["shared", "exclusive"]
# Evaluated from left to right: what is left to wait, the lock, then the patience of row locks that follow.
_TAKE = {
    "shared": (
        "SELECT set_config('lock_timeout', %s, true), pg_advisory_xact_lock_shared(%s),"
        " set_config('lock_timeout', '2s', true)"
    ),
    "exclusive": (
        "SELECT set_config('lock_timeout', %s, true), pg_advisory_xact_lock(%s),"
        " set_config('lock_timeout', '2s', true)"
    ),
}

_TRY = {"shared": "pg_try_advisory_xact_lock_shared", "exclusive": "pg_try_advisory_xact_lock"}


def lock_account(slug: str, *, exit: bool = False) -> None:  # noqa: A002 - the word of the trade
    """Hold one account until the transaction ends. Raises Busy after 100 ms, for exits after 2 s."""
    take(accounts=(slug,), wait_s=EXIT_WAIT_S if exit else ENTRY_WAIT_S)


def lock_entry(*, account: str, agents: Iterable[str] = ()) -> None:
    """Hold what an entry needs: the desk shared, its agents, its account. Raises Busy after 100 ms."""
    take(desk="shared", agents=agents, accounts=(account,), wait_s=ENTRY_WAIT_S)


def lock_exit(*, account: str, agents: Iterable[str] = ()) -> None:
    """Hold what an exit needs; no desk level can stop it. Raises Busy after 2 s."""
    take(agents=agents, accounts=(account,), wait_s=EXIT_WAIT_S)


def lock_desk(*, wait_s: float = EXIT_WAIT_S) -> None:
    """Hold the desk alone, for a trip or a tighter limit. Raises Busy."""
    take(desk="exclusive", wait_s=wait_s)


def take(
    *,
    desk: Mode | None = None,
    agents: Iterable[str] = (),
    accounts: Iterable[str] = (),
    wait_s: float,
) -> None:
    """Take locks in the one order, waiting `wait_s` for all of them together. Raises Busy.

    After Busy the transaction is lost: let the exception leave the atomic block.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a lock that ends with the transaction needs one")
    deadline = time.monotonic() + wait_s
    steps: list[tuple[str, Mode]] = [("desk", desk)] if desk else []
    steps += [(f"agent:{name}", "exclusive") for name in sorted(set(agents))]
    steps += [(f"account:{name}", "exclusive") for name in sorted(set(accounts))]
    if not steps:
        return
    with connection.cursor() as cursor:
        for scope, mode in steps[_free(cursor, steps) :]:
            left_ms = max(1, int((deadline - time.monotonic()) * 1000))
            try:
                cursor.execute(_TAKE[mode], [f"{left_ms}ms", key(scope)])
            except OperationalError as error:
                if isinstance(error.__cause__, LockNotAvailable):
                    raise Busy(f"{scope} is held by somebody else") from error
                raise


def _free(cursor: CursorWrapper, steps: Sequence[tuple[str, Mode]]) -> int:
    """Take the locks that are free, in order up to the first that is not, and return how many.

    One round trip where nobody is in the way. A try never passes by those who wait already.
    """
    tries = " ".join(f"WHEN NOT {_TRY[mode]}(%s) THEN {at}" for at, (_, mode) in enumerate(steps))
    cursor.execute(
        f"SELECT set_config('lock_timeout', '2s', true), CASE {tries} ELSE {len(steps)} END",
        [key(scope) for scope, _ in steps],
    )
    row: tuple[str, int] = cursor.fetchone()
    return row[1]


def key(scope: str) -> int:
    """Return the lock number of `desk`, `agent:<slug>` or `account:<slug>`; equals share a wait."""
    digest = hashlib.blake2b(f"mtquant:{scope}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def lock_desk_audit() -> None:
    """Hold the desk's audit chain, last of all locks. Raises Busy after 2 s."""
    if not connection.in_atomic_block:
        raise RuntimeError("a lock that ends with the transaction needs one")
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                "SELECT set_config('lock_timeout', '2s', true), pg_advisory_xact_lock(%s)",
                [key("desk-audit")],
            )
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise Busy("the desk's audit chain is held by somebody else") from error
            raise
