"""Whether a client takes what is written to it.

Daphne's `send` never waits: what a client does not read piles up in the server's memory. Its transport,
however, tells a producer when to pause and when to go on, and that producer is put here. Servers whose `send`
waits by itself need none.
"""

import asyncio
from typing import Any


class Gauge:
    """A producer in the sense of Twisted's IPushProducer."""

    def __init__(self) -> None:
        self._flows = asyncio.Event()
        self._flows.set()

    @property
    def is_clear(self) -> bool:
        return self._flows.is_set()

    async def clear(self) -> None:
        """Wait until the client has taken what was written, or is gone."""
        await self._flows.wait()

    def pauseProducing(self) -> None:  # noqa: N802 (Twisted's name)
        self._flows.clear()

    def resumeProducing(self) -> None:  # noqa: N802 (Twisted's name)
        self._flows.set()

    def stopProducing(self) -> None:  # noqa: N802 (Twisted's name)
        self._flows.set()


def transport_of(send: Any) -> Any | None:
    """Return Twisted's transport behind an ASGI `send` of Daphne, None for any other server's."""
    protocol = next(iter(getattr(send, "args", ())), None)
    transport = getattr(protocol, "transport", None)
    return transport if hasattr(transport, "registerProducer") else None


def gauge_of(send: Any) -> Gauge:
    """Put a gauge on the connection behind an ASGI `send`; always clear where there is nothing to gauge."""
    gauge = Gauge()
    transport = transport_of(send)
    if transport is not None:
        # The channel of the HTTP request, which the socket has outlived, is still registered there: when a
        # client reads slowly it would stop reading from the client too.
        transport.unregisterProducer()
        transport.registerProducer(gauge, True)
    return gauge
