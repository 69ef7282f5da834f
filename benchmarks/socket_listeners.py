"""Many plain clients in one process: they read frames, note when each number came, and do nothing else."""

import asyncio
import base64
import json
import os
import re
import sys
import time
from array import array

SEQ = re.compile(rb'"seq":(\d+)')
ASK = json.dumps({"op": "sub", "id": 1, "ch": ["orders:paper-1"]}).encode()
PING = json.dumps({"op": "ping", "id": 2}).encode()


class Tally:
    """Counts what all listeners get. Times are monotonic, which processes of one machine share."""

    def __init__(self, listeners: int, messages: int) -> None:
        self.seated = 0
        self.arrivals: dict[int, array[float]] = {}
        self.missing = listeners * messages
        self.listeners = listeners
        self.ready = asyncio.Event()
        self.done = asyncio.Event()

    def seat(self) -> None:
        self.seated += 1
        if self.seated == self.listeners:
            self.ready.set()

    def note(self, seq: int, at: float) -> None:
        self.arrivals.setdefault(seq, array("d")).append(at)
        self.missing -= 1
        if not self.missing:
            self.done.set()


class Listener(asyncio.Protocol):
    def __init__(self, tally: Tally, hello: bytes, ask: bytes) -> None:
        self.tally, self.hello, self.ask = tally, hello, ask
        self.held = b""
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.hello)

    def data_received(self, data: bytes) -> None:
        held = self.held + data
        if not self.open:
            head, found, held = held.partition(b"\r\n\r\n")
            if not found:
                self.held = head
                return
            self.open = True
            assert b" 101 " in head.split(b"\r\n")[0], head
            if self.ask:
                self.transport.write(bytes([0x81, 0x80 | len(self.ask)]) + bytes(4) + self.ask)
        self.held = self.read(held)

    def read(self, held: bytes) -> bytes:
        at = 0
        while len(held) >= at + 4:
            size, start = held[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(held[at + 2 : at + 4], "big"), at + 4
            if len(held) < start + size:
                break
            self.take(held[at] & 15, held[start : start + size])
            at = start + size
        return held[at:]

    def take(self, opcode: int, payload: bytes) -> None:
        if opcode == 9:
            self.transport.write(bytes([0x8A, 0x80 | len(payload)]) + bytes(4) + payload)
        elif payload.startswith(b'{"t":"snap"'):
            self.tally.seat()
        elif payload.startswith(b'{"t":"upd"') and (found := SEQ.search(payload)):
            self.tally.note(int(found[1]), time.monotonic())


async def keep_alive(transports: list[asyncio.Transport]) -> None:
    """Say something now and then: a client that is silent for 45 s is closed."""
    while True:
        await asyncio.sleep(15)
        for transport in transports:
            transport.write(bytes([0x81, 0x80 | len(PING)]) + bytes(4) + PING)


async def listen(port: int, path: str, cookie: str, listeners: int, messages: int) -> None:
    tally = Tally(listeners, messages)
    hello = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        f"Cookie: {cookie}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
        "Sec-WebSocket-Protocol: mtquant.v1\r\n\r\n"
    ).encode()
    ask = ASK if path == "/ws/v1/" else b""
    loop = asyncio.get_running_loop()
    transports: list[asyncio.Transport] = []
    alive = asyncio.create_task(keep_alive(transports if ask else []))
    for number in range(listeners):
        transport, _ = await loop.create_connection(lambda: Listener(tally, hello, ask), "127.0.0.1", port)
        transports.append(transport)
        while tally.seated < number - 20:  # noqa: ASYNC110 -- a server on two cores takes no crowd at once
            await asyncio.sleep(0.02)
    await asyncio.wait_for(tally.ready.wait(), 120)
    print("ready", flush=True)
    try:
        await asyncio.wait_for(tally.done.wait(), 120)
    except TimeoutError:
        print(f"{tally.missing} frames did not arrive", file=sys.stderr)
    alive.cancel()
    print(json.dumps({seq: list(times) for seq, times in tally.arrivals.items()}), flush=True)


if __name__ == "__main__":
    port, path, cookie, listeners, messages = sys.argv[1:]
    asyncio.run(listen(int(port), path, cookie, int(listeners), int(messages)))
