"""Lets every socket say goodbye before the server stops.

Daphne cancels its applications when it stops, but gives up at the first connection that has none, and for a
second after any request there is one. So its reactor is asked to wait for the sockets by themselves.
"""

import asyncio
import sys
from typing import Any

from mtquant_site.sockets.pressure import transport_of

_serving: set[asyncio.Task[Any]] = set()
_asked: set[int] = set()


def attend(send: Any) -> None:
    """Count the current task, which serves a socket, among those that the server waits for."""
    task = asyncio.current_task()
    if task is not None:
        _serving.add(task)
        task.add_done_callback(_serving.discard)
    reactor = getattr(transport_of(send), "reactor", None)
    if reactor is not None and id(reactor) not in _asked:
        _asked.add(id(reactor))
        reactor.addSystemEventTrigger("before", "shutdown", _say_goodbye)


def _say_goodbye() -> Any:
    """End all sockets, and return when they have ended in the way that the reactor waits for."""
    tasks = [task for task in _serving if not task.done()]
    for task in tasks:
        if not task.cancelling():
            task.cancel()
    # Whoever has a reactor has this module; the desk's other processes never load it.
    deferred = sys.modules["twisted.internet.defer"].Deferred
    return deferred.fromFuture(asyncio.ensure_future(_wait_for(tasks)))


async def _wait_for(tasks: list[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
