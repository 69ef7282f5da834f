"""The venue's log: JSON lines, numbered, on disk before any answer leaves; the judge of every test."""

import asyncio
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Line = dict[str, Any]


def iso(at_us: int) -> str:
    """Write microseconds since the epoch as RFC 3339 in UTC."""
    seconds, micros = divmod(at_us, 1_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{micros:06d}Z"


def micros(text: str) -> int:
    at = datetime.fromisoformat(text)
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000 + at.microsecond


class Journal:
    """Lines written together belong together: all but the last of a batch carry `more`, so a tear is seen.

    A batch that a crash cut short never had its answer sent, and is cut off when the log is opened again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lines, whole = _sound_lines(path)
        self._file = path.open("ab", buffering=0)
        if self._file.tell() > whole:
            self._file.truncate(whole)
            os.fsync(self._file.fileno())
        self.seq = self.lines[-1]["seq"] if self.lines else 0
        self._written = self._synced = self.seq
        self._broken: OSError | None = None
        self._flushing: asyncio.Task[None] | None = None

    def append(self, events: list[Line], at_us: int) -> None:
        """Write a batch to the file; `durable` tells when it is on disk."""
        wall = iso(int(datetime.now(UTC).timestamp() * 1e6))
        rows = []
        for place, event in enumerate(events, 1):
            self.seq += 1
            stamp = {"seq": self.seq, "desk_at": iso(at_us), "wall_at": wall}
            more = {"more": True} if place < len(events) else {}
            rows.append(json.dumps(stamp | event | more, separators=(",", ":")))
        self._write(("\n".join(rows) + "\n").encode())
        self._written = self.seq

    def _write(self, text: bytes) -> None:
        """Write it all; after a failure, such as a full disk, no more is written or answered."""
        if self._broken:
            raise OSError("the log could not be written earlier") from self._broken
        data = memoryview(text)
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as failure:
            self._broken = failure
            raise

    async def durable(self) -> None:
        """Return once every line written so far is on disk; callers that come together share one flush."""
        wanted = self.seq
        if self._broken:
            raise OSError("the log could not be written earlier") from self._broken
        while self._synced < wanted:
            if self._flushing is None or self._flushing.done():
                self._flushing = asyncio.create_task(asyncio.to_thread(self.sync))
            await asyncio.shield(self._flushing)

    def sync(self) -> None:
        reached = self._written
        os.fdatasync(self._file.fileno())
        self._synced = max(self._synced, reached)

    def close(self) -> None:
        self.sync()
        self._file.close()


def _sound_lines(path: Path) -> tuple[list[Line], int]:
    """Return the complete batches of a log and the byte at which they end."""
    lines: list[Line] = []
    batch: list[Line] = []
    whole = read = 0
    for raw in _raw(path):
        read += len(raw)
        try:
            line = json.loads(raw) if raw.endswith(b"\n") else None
        except ValueError:
            line = None
        if line is None:
            break
        batch.append(line)
        if not line.get("more"):
            lines += batch
            batch, whole = [], read
    if path.exists() and b"\n" in path.read_bytes()[read:]:
        raise ValueError(f"{path}: line {len(lines) + len(batch) + 1} is damaged in the middle of the log")
    return lines, whole


def _raw(path: Path) -> Iterator[bytes]:
    if path.exists():
        with path.open("rb") as file:
            yield from file
