"""One channel of this process: seats listeners with a snapshot, then sends each change once to all of them.

A listener gets the snapshot first, then exactly the changes after it: the channel's number is noted before
the snapshot is read, and what rings meanwhile is sent after it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from apps.broadcast.frames import encode, stamp
from apps.broadcast.hearing import Ring
from apps.broadcast.mailbox import Seat, Update

logger = logging.getLogger(__name__)

PACE_S = 0.1  # of a latest-value channel: at most ten updates a second of each key
AGAIN_AFTER_S = 1.0
KEPT_KEYS = 1_000

Bodies = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a channel's content comes from. `snapshot` and `bodies` read, and are called in a thread.

    `key_of` says which key a ring concerns, None if it is another channel's; `bodies` leaves out what is
    gone. `counter` names the Redis key that counts the rings of a channel in which no change may be lost;
    channels without one send the latest value only. `owner_of` says whose a body is, for listeners who may
    see some only.
    """

    snapshot: Callable[[], Any]
    bodies: Callable[[Sequence[str]], Bodies]
    topics: tuple[str, ...] = ()
    key_of: Callable[[Ring], str | None] = field(default=lambda _ring: None)
    counter: str = ""
    owner_of: Callable[[Any], str] = field(default=lambda _body: "")


class Desk(Protocol):
    """What a feed needs of its hub."""

    epoch: str

    def is_current(self, ring: Ring) -> bool: ...
    async def read(self, reading: Callable[[], Any]) -> Any: ...
    async def position(self, counter: str) -> int: ...


class Feed:
    """Runs as one task while somebody listens."""

    def __init__(self, channel: str, source: Source, desk: Desk) -> None:
        self.channel = channel
        self.source = source
        self.seats: set[Seat] = set()
        self._desk = desk
        self._waiting: dict[Seat, None] = {}
        self._rings: list[Ring] = []
        self._keys: dict[str, None] = {}
        self._sent: dict[str, bytes] = {}
        self._late: dict[str, Any] = {}
        self._at = 0
        self._lost = False
        self._due_at = 0.0
        self._news = asyncio.Event()

    @property
    def listeners(self) -> int:
        return len(self.seats) + len(self._waiting)

    def join(self, seat: Seat) -> None:
        """Give the seat a snapshot soon, and then what changes."""
        self._waiting[seat] = None
        self._news.set()

    def leave(self, seat: Seat) -> None:
        self.seats.discard(seat)
        self._waiting.pop(seat, None)
        seat.mailbox.forget(seat)

    def again(self) -> None:
        """Seat everybody anew: changes may have been lost."""
        self._lost = True
        self._news.set()

    def hear(self, ring: Ring) -> None:
        """Take note that a key has changed."""
        key = self.source.key_of(ring)
        if key is None:
            return
        if self.source.counter:
            self._rings.append(ring)
        else:
            self._keys[key] = None
        self._news.set()

    def publish(self, bodies: Bodies) -> None:
        """Send latest values that a poll has read, where they differ from what was sent last.

        Who waits for a snapshot gets them after it: one that is being read just now may not hold them.
        """
        if self._waiting:
            self._late |= bodies
        if len(self._sent) > KEPT_KEYS:
            self._sent.clear()  # keys may be ever new, such as those of bars
        for key, body in bodies.items():
            text = encode(body)
            if self._sent.get(key) != text:
                self._sent[key] = text
                update = self._update(0, text, body)
                for seat in self.seats:
                    seat.hear_latest(key, update)

    async def run(self) -> None:
        """Serve until cancelled. A read that fails is tried again, and everybody is then seated anew."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._serve()
            except Exception as error:  # noqa: BLE001 (an edge: any store may be away; listeners keep waiting)
                logger.warning("channel %s: %s: %s", self.channel, type(error).__name__, error)
                self._lost = True
                await asyncio.sleep(AGAIN_AFTER_S)
                self._news.set()

    async def _serve(self) -> None:
        if self._lost:
            self._waiting |= dict.fromkeys(self.seats)
            self.seats.clear()
            self._lost = False
        if self._waiting:
            await self._seat()
        if self._rings:
            await self._tell()
        if self._keys:
            await self._refresh()

    async def _seat(self) -> None:
        counted = self.source.counter
        at = await self._desk.position(counted) if counted else 0
        # Whoever joins from here on gets the next snapshot: this one is about to be read.
        joining = list(self._waiting)
        self._late.clear()
        data = await self._desk.read(self.source.snapshot)
        if not self.seats:
            self._at = at
        self._sent.clear()
        texts: dict[frozenset[str] | None, str] = {}
        for seat in joining:
            if seat not in self._waiting:
                continue  # it has left meanwhile
            del self._waiting[seat]
            if seat.only not in texts:
                texts[seat.only] = self._snapshot(at, self._visible(data, seat))
            seat.begin(texts[seat.only], at=at)
            self.seats.add(seat)
        late, self._late = self._late, {}
        self.publish(late)

    async def _tell(self) -> None:
        rings, self._rings = self._rings, []
        new = [ring for ring in rings if ring.seq > self._at or not self._desk.is_current(ring)]
        if not self._follow_on(new):
            self.again()
            return
        keys = [key for ring in new if (key := self.source.key_of(ring)) is not None]
        bodies = await self._desk.read(lambda: self.source.bodies(list(dict.fromkeys(keys))))
        if not bodies.keys() >= set(keys):  # something is gone: only a snapshot can say so
            self.again()
            return
        for ring, key in zip(new, keys, strict=True):
            update = self._update(ring.seq, encode(bodies[key]), bodies[key])
            for seat in self.seats:
                seat.hear(update)
            self._at = ring.seq

    def _follow_on(self, rings: Sequence[Ring]) -> bool:
        """Tell whether no ring is missing between the last one told and these."""
        numbers = range(self._at + 1, self._at + 1 + len(rings))
        return all(
            ring.seq == number and self._desk.is_current(ring)
            for ring, number in zip(rings, numbers, strict=True)
        )

    async def _refresh(self) -> None:
        loop = asyncio.get_running_loop()
        early_s = self._due_at - loop.time()
        if early_s > 0:
            loop.call_later(early_s, self._news.set)
            return
        keys, self._keys = list(self._keys), {}
        self._due_at = loop.time() + PACE_S
        bodies = await self._desk.read(lambda: self.source.bodies(keys))
        self.publish(bodies)
        if not bodies.keys() >= set(keys):  # something is gone: only a snapshot can say so
            self.again()

    def _visible(self, data: Any, seat: Seat) -> Any:
        if seat.only is None or not isinstance(data, dict) or "items" not in data:
            return data
        items = [item for item in data["items"] if seat.sees(self.source.owner_of(item))]
        return data | {"items": items}

    def _snapshot(self, at: int, data: Any) -> str:
        frame = {"t": "snap", "ch": self.channel, "epoch": self._desk.epoch, "seq": at, "ts": stamp()}
        return encode(frame | {"reset": True, "data": data}).decode()

    def _update(self, seq: int, text: bytes, body: Any) -> Update:
        head = encode({"t": "upd", "ch": self.channel, "epoch": self._desk.epoch}).decode()[:-1]
        tail = f',"ts":"{stamp()}","data":{text.decode()}}}'
        return Update(seq=seq, head=f'{head},"seq":', tail=tail, owner=self.source.owner_of(body))
