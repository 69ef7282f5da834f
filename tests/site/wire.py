"""The smallest WebSocket client (RFC 6455): text frames over TCP, nothing a browser would do by itself."""

import asyncio
import base64
import contextlib
import json
import os
import select
import socket
import struct
from dataclasses import dataclass
from typing import Any, Self

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
WITHIN_S = 120


@dataclass(slots=True)
class Wire:
    """`head` is the server's answer to the handshake."""

    head: str
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, *, port: int, cookie: str, small: bool = False) -> Self:
        """Shake hands. `small` leaves the client next to no room for what it does not read."""
        host = f"127.0.0.1:{port}"
        plug = socket.socket()
        if small:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plug.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plug, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=plug, limit=2**14)
        lines = (
            "GET /ws/v1/ HTTP/1.1",
            f"Host: {host}",
            f"Origin: http://{host}",
            f"Cookie: {cookie}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: mtquant.v1",
        )
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        async with asyncio.timeout(WITHIN_S):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
        return cls(head, reader, writer)

    def say(self, value: dict[str, Any]) -> None:
        """Send one frame, masked with zeros."""
        self._send(TEXT, json.dumps(value).encode())

    async def frame(self) -> tuple[int, bytes]:
        """Return the next frame that is no ping, as opcode and payload."""
        while True:
            async with asyncio.timeout(WITHIN_S):
                first, second = await self._reader.readexactly(2)
                size = second & 0x7F
                if size == 126:
                    (size,) = struct.unpack(">H", await self._reader.readexactly(2))
                elif size == 127:
                    (size,) = struct.unpack(">Q", await self._reader.readexactly(8))
                payload = await self._reader.readexactly(size)
            if first & 0x0F != PING:
                return first & 0x0F, payload
            self._send(PONG, payload)

    async def hear(self, kind: str) -> dict[str, Any]:
        """Return the next frame of a kind; others are passed over."""
        while True:
            opcode, payload = await self.frame()
            assert opcode == TEXT, payload
            heard: dict[str, Any] = json.loads(payload)
            if heard["t"] == kind:
                return heard

    async def closed(self) -> int:
        """Return the code with which the server closes; frames before that are passed over."""
        while True:
            opcode, payload = await self.frame()
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big")

    async def hung_up(self) -> None:
        """Read nothing any more, and return when the server has cut the line."""
        transport = self._writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        ear = select.poll()
        ear.register(transport.get_extra_info("socket"), 0)  # the end of a line is told unasked
        assert await asyncio.to_thread(ear.poll, WITHIN_S * 1000), "the server keeps the line"

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    def _send(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + struct.pack(">H", size)
        self._writer.write(bytes([0x80 | opcode]) + length + bytes(4) + payload)
