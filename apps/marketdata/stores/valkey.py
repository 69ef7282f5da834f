"""What lives in Valkey beside the latest quotes: how far bars are closed, the bounded stream to ingestion.

All raise StoreUnavailable when the server does not answer. Keys start with a prefix, one per run.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

import redis

from apps.marketdata.domain.arrays import from_us, to_us
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.errors import StoreUnavailable

_TIMEOUT_S = 2.0

# Sets each field unless the stored value is newer: values are "INSTANT|rest", the instant in microseconds.
_PUT_NEWER = """
local put = 0
for i = 1, #ARGV, 2 do
    local held = redis.call('HGET', KEYS[1], ARGV[i])
    local at = tonumber(string.match(ARGV[i + 1], '^(-?%d+)|'))
    if not held or at > tonumber(string.match(held, '^(-?%d+)|')) then
        redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
        put = put + 1
    end
end
return put
"""

_RELEASE_OWN = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
_RENEW_OWN = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
    return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Bars of an instrument are closed and visible up to `closed_at` (desk).

    Told at `announced_at` (wall).
    """

    closed_at: datetime
    announced_at: datetime
    native: bool


def client(url: str) -> redis.Redis:
    """Return this process's client for the address; a forked child gets its own."""
    return _client(url, os.getpid())


@cache
def _client(url: str, pid: int) -> redis.Redis:
    del pid  # part of the key only
    return redis.Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)


@contextmanager
def answering() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise StoreUnavailable(f"Valkey does not answer: {error}") from error


class Watermarks:
    """One hash a timeframe: instrument -> "closed through|announced at|native"."""

    def __init__(self, server: redis.Redis, prefix: str) -> None:
        self._server = server
        self._prefix = f"{prefix}closed:"

    def advance(self, timeframe: Timeframe, marks: Mapping[str, Closed]) -> None:
        """Move forward; an older mark changes nothing."""
        pairs = {
            name: f"{to_us(mark.closed_at)}|{to_us(mark.announced_at)}|{int(mark.native)}"
            for name, mark in marks.items()
        }
        _put_newer(self._server, self._prefix + timeframe.value, pairs)

    def read(self, timeframe: Timeframe) -> dict[str, Closed]:
        with answering():
            held = cast("dict[bytes, bytes]", self._server.hgetall(self._prefix + timeframe.value))
        return {name.decode(): _closed(value.decode()) for name, value in held.items()}


class Stream:
    """A bounded stream with one consumer group, whose single consumer's name outlives any worker.

    Since only the holder of the lock reads, what a dead holder left unacknowledged is simply read again.
    """

    _GROUP = "ingest"
    _CONSUMER = "ingest"

    def __init__(self, server: redis.Redis, key: str, *, limit: int) -> None:
        self._server = server
        self._key = key
        self._limit = limit

    def add(self, entries: Sequence[Mapping[str, bytes]]) -> bool:
        """Append all, or nothing and return False where they would not fit."""
        with answering():
            if self._server.xlen(self._key) + len(entries) > self._limit:
                return False
            pipeline = self._server.pipeline(transaction=True)
            for entry in entries:
                pipeline.xadd(self._key, cast("Any", dict(entry)))
            pipeline.execute()
        return True

    def unfinished(self, count: int, *, after: bytes = b"0") -> list[tuple[bytes, dict[bytes, bytes]]]:
        """Return entries that were read but never acknowledged, oldest first."""
        return self._read(after, count)

    def fresh(self, count: int) -> list[tuple[bytes, dict[bytes, bytes]]]:
        """Return entries that nobody has read yet, oldest first."""
        return self._read(b">", count)

    def done(self, ids: Sequence[bytes]) -> None:
        """Acknowledge and remove."""
        if ids:
            with answering():
                pipeline = self._server.pipeline(transaction=True)
                pipeline.xack(self._key, self._GROUP, *ids)
                pipeline.xdel(self._key, *ids)
                pipeline.execute()

    def length(self) -> int:
        with answering():
            return self._server.xlen(self._key)

    def _read(self, start: bytes, count: int) -> list[tuple[bytes, dict[bytes, bytes]]]:
        with answering():
            try:
                answer = self._ask(start, count)
            except redis.ResponseError as error:
                if "NOGROUP" not in str(error):
                    raise
                self._make_group()
                answer = self._ask(start, count)
        # An entry that was removed while pending comes back without fields.
        return [(entry_id, fields or {}) for _, entries in answer for entry_id, fields in entries]

    def _ask(self, start: bytes, count: int) -> list[Any]:
        return cast(
            "list[Any]",
            self._server.xreadgroup(self._GROUP, self._CONSUMER, {self._key: start}, count=count) or [],
        )

    def _make_group(self) -> None:
        try:
            self._server.xgroup_create(self._key, self._GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise


class Turn:
    """A lock with an end: whoever holds it drains; a dead holder is succeeded when it runs out."""

    def __init__(self, server: redis.Redis, key: str, *, lasts_s: float, token: str) -> None:
        self._server = server
        self._key = key
        self._ms = int(lasts_s * 1000)
        self._token = token

    def take(self) -> bool:
        with answering():
            return bool(self._server.set(self._key, self._token, nx=True, px=self._ms))

    def renew(self) -> bool:
        """Lengthen it; False when it has ended and someone else may hold it."""
        with answering():
            return bool(self._server.eval(_RENEW_OWN, 1, self._key, self._token, str(self._ms)))

    def give_back(self) -> None:
        with answering():
            self._server.eval(_RELEASE_OWN, 1, self._key, self._token)


def _put_newer(server: redis.Redis, key: str, pairs: Mapping[str, str]) -> int:
    if not pairs:
        return 0
    script: Callable[..., Any] = server.eval
    with answering():
        return cast("int", script(_PUT_NEWER, 1, key, *(part for pair in pairs.items() for part in pair)))


def _closed(text: str) -> Closed:
    at, announced, native = text.split("|")
    return Closed(closed_at=from_us(int(at)), announced_at=from_us(int(announced)), native=native == "1")
