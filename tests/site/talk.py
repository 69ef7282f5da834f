"""A client of the desk's socket without a network; every frame is checked against the published schema."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import jsonschema  # type: ignore[import-untyped]
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from mtquant_site.consumers import DeskSocket
from mtquant_site.sockets.terms import Terms

WITHIN_S = 20
HOST = "testserver:8000"
SCHEMA = json.loads((Path(__file__).parents[2] / "frontend" / "frames.json").read_text())
frames = jsonschema.Draft202012Validator(SCHEMA)
asks = jsonschema.Draft202012Validator(SCHEMA | {"$ref": "#/$defs/client"})


def cookie(client: Client) -> str:
    """Return the session of a signed-in browser as its header sends it."""
    held = client.cookies.get(settings.SESSION_COOKIE_NAME)
    return f"{settings.SESSION_COOKIE_NAME}={held.value}" if held else ""


class Talk:
    """Opened as a context; `closed` holds the close code once there was one."""

    def __init__(
        self,
        client: Client,
        *,
        terms: Terms | None = None,
        origin: str | None = f"http://{HOST}",
        subprotocols: tuple[str, ...] = ("mtquant.v1",),
    ) -> None:
        headers = [(b"host", HOST.encode()), (b"cookie", cookie(client).encode())]
        if origin is not None:
            headers.append((b"origin", origin.encode()))
        self.wire = WebsocketCommunicator(
            DeskSocket(terms), "/ws/v1/", headers=headers, subprotocols=list(subprotocols)
        )
        self._next_id = 0
        self._kept: list[dict[str, Any]] = []

    async def __aenter__(self) -> Self:
        accepted, self.subprotocol = await self.wire.connect(timeout=WITHIN_S)
        assert accepted
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.wire.future.done():
            await self.wire.disconnect(timeout=WITHIN_S)

    async def say(self, op: str, **members: Any) -> int:
        self._next_id += 1
        asked = {"op": op, "id": self._next_id} | members
        await self.wire.send_to(text_data=json.dumps(asked))
        return self._next_id

    async def subscribe(self, *channels: str) -> int:
        number = await self.say("sub", ch=list(channels))
        asks.validate({"op": "sub", "id": number, "ch": list(channels)})
        return number

    async def frame(self) -> dict[str, Any]:
        """Return the next frame."""
        heard: dict[str, Any] = json.loads(await self.wire.receive_from(timeout=WITHIN_S))
        frames.validate(heard)
        assert not re.search(r"\bNaN\b", str(heard))
        return heard

    async def hear(self, kind: str, channel: str = "") -> dict[str, Any]:
        """Return the next frame of a kind, and of a channel where given; others are kept for later."""
        kept, self._kept = self._kept, []
        while True:
            heard = kept.pop(0) if kept else await self.frame()
            if heard["t"] == kind and (not channel or heard.get("ch") == channel):
                self._kept += kept
                return heard
            self._kept.append(heard)

    async def snaps(self, *channels: str) -> dict[str, dict[str, Any]]:
        """Subscribe, and return the snapshots by channel; they come in any order."""
        await self.subscribe(*channels)
        heard = [await self.hear("snap") for _ in channels]
        return {snap["ch"]: snap for snap in heard}

    async def closed(self) -> int:
        """Return the close code; frames before it are passed over."""
        while True:
            output: Mapping[str, Any] = await self.wire.receive_output(timeout=WITHIN_S)
            if output["type"] == "websocket.close":
                return int(output["code"])
