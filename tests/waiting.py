"""Waiting for what another process brings about. Nobody knows how long that takes on a busy machine."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from apps.brokers.dispatch import off_loop

GIVE_UP_AFTER_S = 180.0
PAUSE_S = 0.02
NEVER = "it did not come about"

T = TypeVar("T")


def until(found: Callable[[], T]) -> T:
    """Ask until the answer is something true, and return it."""
    deadline = time.monotonic() + GIVE_UP_AFTER_S
    while not (answer := found()):
        assert time.monotonic() < deadline, NEVER
        time.sleep(PAUSE_S)
    return answer


async def until_rows(
    found: Callable[[], T], *, meanwhile: Callable[[], Awaitable[object]] | None = None
) -> T:
    """Ask the database, in a thread, until the answer is true; before each further time do `meanwhile`."""
    deadline = time.monotonic() + GIVE_UP_AFTER_S
    while not (answer := await off_loop(found)):
        assert time.monotonic() < deadline, NEVER
        if meanwhile is not None:
            await meanwhile()
        await asyncio.sleep(PAUSE_S)
    return answer
