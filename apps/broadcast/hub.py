"""The hub of a process: one Redis subscription, one read and one encoded frame a change, however many listen.

Pure asyncio: what is read, and in which threads, comes from whoever makes it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from apps.broadcast.feed import Bodies, Feed, Source
from apps.broadcast.hearing import Hearing, Ring
from apps.broadcast.mailbox import Seat

logger = logging.getLogger(__name__)

_FELT_WITHIN_S = 0.1

Read = Callable[[Callable[[], Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A cheap look at what rings no bell: one call for all channels of a kind that somebody listens to.

    `look` gets their names and is called in a thread; it returns by channel and key what is to be sent.
    """

    kind: str
    every_s: float
    look: Callable[[Sequence[str]], Mapping[str, Bodies]]


class Hub:
    """Works while somebody is in: its tasks start with the first to enter and end with the last to leave."""

    def __init__(self, *, url: str, prefix: str, read: Read, polls: Sequence[Poll] = ()) -> None:
        self.epoch = ""
        self._url = url
        self._prefix = prefix
        self._read = read
        self._polls = polls
        self._hearing: Hearing | None = None
        self._open = asyncio.Event()
        self._losses = 0
        self._feeds: dict[tuple[str, str], tuple[Feed, asyncio.Task[None]]] = {}
        self._guests: dict[object, Callable[[Ring], None]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def enter(self, guest: object, on_ring: Callable[[Ring], None]) -> None:
        """Let somebody in; `on_ring` is called for every ring, whatever channels they join."""
        self._guests[guest] = on_ring
        if not self._tasks:
            self._hearing = Hearing(
                url=self._url, prefix=self._prefix, on_ring=self._on_ring, on_open=self._on_open
            )
            loops = [self._hearing.run(), *(self._poll(poll) for poll in self._polls)]
            self._tasks = [asyncio.create_task(loop) for loop in loops]

    async def leave(self, guest: object) -> None:
        """Let them out, after their seats were given up. The last one turns off the light."""
        self._guests.pop(guest, None)
        if not self._guests:
            tasks, self._tasks = self._tasks, []
            self._hearing = None
            self._open.clear()
            await _end(tasks)

    def join(self, source: Source, seat: Seat) -> None:
        """Seat a listener at a channel; its snapshot comes by itself. A seat that sits there begins anew."""
        place = seat.channel, seat.variant
        held = self._feeds.get(place)
        if held is None:
            feed = Feed(seat.channel, source, self)
            held = feed, asyncio.create_task(feed.run())
            self._feeds[place] = held
        held[0].leave(seat)
        held[0].join(seat)

    def part(self, seat: Seat) -> None:
        """Give up a seat; a channel that nobody listens to is not served any more."""
        place = seat.channel, seat.variant
        held = self._feeds.get(place)
        if held is None:
            return
        feed, task = held
        feed.leave(seat)
        if not feed.listeners:
            task.cancel()
            del self._feeds[place]

    def channels(self) -> list[str]:
        """Return the names of the channels that somebody listens to, each once."""
        return list(dict.fromkeys(name for name, _ in self._feeds))

    def is_current(self, ring: Ring) -> bool:
        """Tell whether a ring was counted by the counters of now."""
        return self.epoch.partition(".")[0] == ring.epoch

    async def read(self, reading: Callable[[], Any]) -> Any:
        """Read in a thread, once changes are heard: so none falls between a snapshot and what follows it."""
        await self._open.wait()
        return await self._read(reading)

    async def position(self, counter: str) -> int:
        """Return the number of the last change of a channel."""
        await self._open.wait()
        if self._hearing is None:  # everybody has left meanwhile
            return 0
        epoch, seq = await self._hearing.position(counter)
        self._see(epoch)
        return seq

    def _on_open(self, epoch: str) -> None:
        if self._open.is_set():  # the subscription was lost and is back: nobody knows what was missed
            self._losses += 1
            self._renew(epoch)
        else:  # nothing was read before
            self.epoch = f"{epoch}.{self._losses}" if self._losses else epoch
            self._open.set()

    def _on_ring(self, ring: Ring) -> None:
        self._see(ring.epoch)
        for feed, _ in self._feeds.values():
            if ring.topic in feed.source.topics:
                feed.hear(ring)
        for on_ring in list(self._guests.values()):
            on_ring(ring)

    def _see(self, epoch: str) -> None:
        """Notice that the store was flushed, and its counters began again."""
        if self.epoch.partition(".")[0] != epoch:
            self._losses = 0
            self._renew(epoch)

    def _renew(self, epoch: str) -> None:
        self.epoch = f"{epoch}.{self._losses}" if self._losses else epoch
        for feed, _ in self._feeds.values():
            feed.again()

    async def _poll(self, poll: Poll) -> None:
        while True:
            await asyncio.sleep(poll.every_s)
            names = [name for name in self.channels() if name.partition(":")[0] == poll.kind]
            if not names:
                continue
            try:
                found = await self.read(partial(poll.look, names))
            except Exception as error:  # noqa: BLE001 (an edge: any store may be away; the next look may see it)
                logger.warning("no look at %s: %s: %s", poll.kind, type(error).__name__, error)
                await asyncio.sleep(1)
                continue
            for (name, _), (feed, _) in self._feeds.items():
                if name in found:
                    _publish(feed, found[name])


def _publish(feed: Feed, bodies: Bodies) -> None:
    try:
        feed.publish(bodies)
    except Exception:  # (an edge: the others get theirs, this one a snapshot as soon as one can be written)
        logger.exception("channel %s: what was looked at cannot be sent", feed.channel)
        feed.again()


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel until it is felt: a client of Redis that is just connecting may swallow a cancellation."""
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=_FELT_WITHIN_S)
