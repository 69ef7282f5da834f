"""Hears of approved orders as PostgreSQL commits them. A missed notice costs one sweep, never an order."""

import asyncio
from collections.abc import Callable

import psycopg

CHANNEL = "mtq_orders"


async def listen(dsn: str, *, stop: asyncio.Event, heard: Callable[[], None]) -> None:
    """Call `heard` for each notice until `stop` is set. Raise psycopg.Error when the server goes."""
    connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True, connect_timeout=3)
    async with connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        heard()  # what was committed before we listened
        while not stop.is_set():
            async for _ in connection.notifies(timeout=1.0, stop_after=1):
                heard()
