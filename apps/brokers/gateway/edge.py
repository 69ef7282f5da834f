"""The edge of every loop: an error is logged and told, and the loop goes on after a growing pause."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)
LONGEST_PAUSE_S = 5.0
LOG_EVERY = 20  # a server that is away for an hour must not fill the disk with one sentence


@dataclass(slots=True, kw_only=True)
class Loop:
    """Runs `step` until `stop` is set: every `every_s`, and at once when `wake` is set."""

    name: str
    step: Callable[[], Awaitable[object]]
    every_s: float
    stop: asyncio.Event
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    failures: int = 0

    async def run(self) -> None:
        while not self.stop.is_set():
            self.wake.clear()
            await self.once()

    @property
    def pause_s(self) -> float:
        """Return how long to wait: the loop's own rhythm, doubled with each failure in a row."""
        if not self.failures:
            return self.every_s
        growing = max(self.every_s, 0.1) * 2.0 ** min(self.failures, 8)
        return max(self.every_s, min(LONGEST_PAUSE_S, growing))

    async def once(self) -> None:
        """Take one step and the pause that follows it."""
        await self._step()
        if not self.stop.is_set():
            await self._pause(self.pause_s)

    async def _step(self) -> None:
        try:
            await self.step()
        except Exception as error:  # the edge: whatever went wrong, the desk stays up
            self.failures += 1
            if self.failures % LOG_EVERY == 1:
                logger.warning("%s failed (%d in a row): %r", self.name, self.failures, error)
                logger.debug("%s", self.name, exc_info=error)
        else:
            if self.failures:
                logger.info("%s works again after %d failures", self.name, self.failures)
            self.failures = 0

    async def _pause(self, pause_s: float) -> None:
        """Wait; a wake-up cuts the wait short unless the last step failed."""
        waiting = self.stop if self.failures else self.wake
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(waiting.wait(), pause_s)
