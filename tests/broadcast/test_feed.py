"""A channel fed by a poll, which tells each value once."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from apps.broadcast.feed import Feed, Source
from apps.broadcast.hearing import Ring
from apps.broadcast.mailbox import Mailbox, Seat


class Desk:
    """A hub on which a poll tells something while a snapshot is being read."""

    epoch = "one"

    def __init__(self) -> None:
        self.tells: Callable[[], None] = lambda: None

    def is_current(self, ring: Ring) -> bool:
        return ring.epoch == self.epoch

    async def read(self, reading: Callable[[], Any]) -> Any:
        data = reading()
        self.tells()
        return data

    async def position(self, counter: str) -> int:
        return 0


async def test_what_a_poll_tells_while_the_snapshot_is_read_comes_after_it() -> None:
    source = Source(snapshot=lambda: {"price": 1}, bodies=lambda _keys: {})
    desk, mailbox = Desk(), Mailbox()
    feed = Feed("goods", source, desk)
    desk.tells = lambda: feed.publish({"": {"price": 2}})
    serving = asyncio.create_task(feed.run())
    feed.join(Seat("goods", mailbox))
    heard: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while len(heard) < 2:
            heard += [json.loads(text) for text in await mailbox.take()]
    serving.cancel()
    assert [(frame["t"], frame["seq"], frame["data"]["price"]) for frame in heard] == [
        ("snap", 0, 1),
        ("upd", 1, 2),
    ]
