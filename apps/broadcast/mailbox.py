"""What waits for one socket: frames that must all arrive, and of everything else the latest of each key.

A client that reads slowly gets fewer frames of the second kind, never a longer queue; one that lets too many
of the first kind wait has overflowed and is to be closed.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

LIMIT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One encoded change, shared by all sockets: the text around its number, and whose body it is."""

    seq: int
    head: str
    tail: str
    owner: str = ""

    def numbered(self, seq: int) -> str:
        return f"{self.head}{seq}{self.tail}"


class Mailbox:
    """Belongs to one event loop; `take` is for the one task that writes to the socket."""

    __slots__ = ("_latest", "_news", "_queue", "overflowed")

    def __init__(self) -> None:
        self.overflowed = False
        self._queue: deque[str] = deque()
        self._latest: dict[Seat, dict[str, Update]] = {}
        self._news = asyncio.Event()

    def __len__(self) -> int:
        return len(self._queue) + sum(map(len, self._latest.values()))

    def put(self, frame: str) -> None:
        """Queue a frame that must arrive. Beyond the limit nothing is kept any more."""
        if len(self._queue) >= LIMIT:
            self.overflowed = True
            self._queue.clear()
            self._latest.clear()
        if not self.overflowed:
            self._queue.append(frame)
        self._news.set()

    def put_latest(self, seat: "Seat", key: str, update: Update) -> None:
        """Keep the newest update of a key; the one that still waits is replaced."""
        if not self.overflowed:
            self._latest.setdefault(seat, {})[key] = update
            self._news.set()

    def forget(self, seat: "Seat") -> None:
        """Drop what waits of a channel, because it ended or a snapshot replaces it."""
        self._latest.pop(seat, None)

    async def take(self) -> list[str]:
        """Wait for frames and return all that wait now, in the order in which they are to be sent."""
        await self._news.wait()
        self._news.clear()
        frames = list(self._queue)
        self._queue.clear()
        for seat, updates in self._latest.items():
            frames += [seat.number(update) for update in updates.values()]
        self._latest.clear()
        return frames


class Seat:
    """One socket's place at one channel. `only` names whose bodies it may see; None means all.

    `variant` tells apart listeners for whom the content itself differs, such as the rights that it names.
    `at` is the channel's number up to which it has heard, `seq` the number on its last frame: they differ
    where updates are merged or left out, since a client takes a jump for a loss.
    """

    __slots__ = ("at", "channel", "mailbox", "only", "seq", "variant")

    def __init__(
        self, channel: str, mailbox: Mailbox, *, only: frozenset[str] | None = None, variant: str = ""
    ) -> None:
        self.channel = channel
        self.variant = variant
        self.mailbox = mailbox
        self.only = only
        self.at = 0
        self.seq = 0

    def begin(self, snapshot: str, *, at: int) -> None:
        """Begin anew with a snapshot that holds everything up to `at`."""
        self.mailbox.forget(self)
        self.at = self.seq = at
        self.mailbox.put(snapshot)

    def sees(self, owner: str) -> bool:
        return self.only is None or not owner or owner in self.only

    def hear(self, update: Update) -> None:
        """Queue an update that must arrive, unless the snapshot held it already."""
        if update.seq > self.at:
            self.at = update.seq
            if self.sees(update.owner):
                self.mailbox.put(self.number(update))

    def hear_latest(self, key: str, update: Update) -> None:
        """Replace what waits of this key."""
        if self.sees(update.owner):
            self.mailbox.put_latest(self, key, update)

    def number(self, update: Update) -> str:
        """Return the frame with this seat's next number."""
        self.seq += 1
        return update.numbered(self.seq)
