"""One Redis subscription a process: hears every ring of the bell, and knows when it may have missed some."""

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

_AGAIN_AFTER_S = 0.5
_QUIET_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """What the bell said: no data, only that `key` of `topic` has changed, as number `seq` of its scope."""

    topic: str
    key: str
    scope: str
    epoch: str
    seq: int


class Hearing:
    """Calls `on_ring` for each ring, and `on_open` with the epoch whenever a subscription begins."""

    def __init__(
        self, *, url: str, prefix: str, on_ring: Callable[[Ring], None], on_open: Callable[[str], None]
    ) -> None:
        self._url = url
        self._prefix = prefix
        self._on_ring = on_ring
        self._on_open = on_open
        self._asking: Redis | None = None

    async def run(self) -> None:
        """Listen until cancelled; a server that is away is called again."""
        try:
            while True:
                try:
                    await self._listen()
                except (RedisError, OSError) as error:
                    logger.warning("the bell is not heard: %s: %s", type(error).__name__, error)
                except Exception:  # (an edge: a desk that nobody tells of changes must not go on in silence)
                    logger.exception("a ring was not taken in, everything is read afresh")
                await asyncio.sleep(_AGAIN_AFTER_S)
        finally:
            await self._hang_up()

    async def position(self, counter: str) -> tuple[str, int]:
        """Return the epoch, and the number of the last ring of a counter. Raise RedisError."""
        if self._asking is None:
            self._asking = _client(self._url)
        async with self._asking.pipeline(transaction=True) as pipeline:
            pipeline.set(f"{self._prefix}:epoch", secrets.token_hex(6), nx=True)
            pipeline.get(f"{self._prefix}:epoch")
            pipeline.get(counter)
            _, epoch, seq = await pipeline.execute()
        return str(epoch), int(seq or 0)

    async def _listen(self) -> None:
        async with _client(self._url) as server, server.pubsub() as told:
            await told.psubscribe(f"{self._prefix}:*")
            while True:
                message = await told.get_message(timeout=_QUIET_S)
                if message is None:
                    await told.ping()  # a connection that is dead says so only when it is used
                elif message["type"] == "psubscribe":
                    # A subscription begins, perhaps after the client has reconnected by itself.
                    self._on_open((await self.position(f"{self._prefix}:seq"))[0])
                elif message["type"] == "pmessage":
                    self._pass_on(message["data"])

    def _pass_on(self, text: str) -> None:
        try:
            said: dict[str, Any] = json.loads(text)
            ring = Ring(
                topic=said["topic"],
                key=said["key"],
                scope=said.get("scope", ""),
                epoch=said["epoch"],
                seq=int(said["seq"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            logger.warning("a ring that nobody understands: %r (%s)", text, error)
            return
        self._on_ring(ring)

    async def _hang_up(self) -> None:
        if self._asking is not None:
            with contextlib.suppress(RedisError, OSError):
                await self._asking.aclose()
            self._asking = None


def _client(url: str) -> Redis:
    return Redis.from_url(url, decode_responses=True, socket_connect_timeout=2, socket_timeout=10)
