"""Reads for sockets run in a few threads of their own, so that neither the loop nor a page waits for them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from django.db import connections

T = TypeVar("T")
THREADS = 4
_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="sockets")


async def read(reading: Callable[[], T]) -> T:
    """Call `reading` in a thread; the database connections that it took are given back."""
    return await asyncio.get_running_loop().run_in_executor(_pool, partial(_giving_back, reading))


def _giving_back(reading: Callable[[], T]) -> T:
    try:
        return reading()
    finally:
        connections.close_all()
