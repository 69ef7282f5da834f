"""Calls that meet on purpose."""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls in threads with connections of their own, all let go at the same moment."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@contextmanager
def deaf_store() -> Iterator[tuple[str, threading.Event]]:
    """Give the address of a store that takes a call and never answers, and word of the first call."""
    called, calls = threading.Event(), []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            calls.append(server.accept()[0])
            called.set()

        taking = threading.Thread(target=take)
        taking.start()
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0", called
        taking.join()
        for call in calls:
            call.close()
