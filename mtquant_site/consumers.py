"""The desk's one socket, `/ws/v1/`: its handshake and its end. Frames: `frontend/frames.json`."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings

from apps.broadcast import bell
from apps.broadcast.hub import Hub
from apps.edges import rights
from mtquant_site.sockets import farewell, visitors
from mtquant_site.sockets.operations import frame
from mtquant_site.sockets.polls import polls
from mtquant_site.sockets.reading import read
from mtquant_site.sockets.socket import Receive, Send, Socket
from mtquant_site.sockets.terms import (
    BAD_FRAME,
    GOING_DOWN,
    NOT_ALLOWED,
    NOT_SIGNED_IN,
    RETRY_AFTER_S,
    SUBPROTOCOL,
    Terms,
)

logger = logging.getLogger(__name__)

PATH = "/ws/v1/"
FLUSH_S = 0.1
_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


class DeskSocket:
    """The ASGI application of all sockets: rejects unknown paths, lets nobody in who is not signed in."""

    def __init__(self, terms: Terms | None = None) -> None:
        self._terms = terms or Terms()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        if scope["path"] != PATH:
            await send({"type": "websocket.close"})
            return
        code, key, user_id = await self._receive_visitor(scope)
        offered = SUBPROTOCOL in scope["subprotocols"]
        # A close code reaches a browser only on a socket that was accepted.
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if offered else None})
        if code is None and not offered:
            code = BAD_FRAME
        if code is None:
            code = await self._serve(receive, send, key=key, user_id=user_id)
        if code is not None:
            await send({"type": "websocket.close", "code": code})

    async def _receive_visitor(self, scope: Mapping[str, Any]) -> tuple[int | None, str, object]:
        """Return the code to close with, or the session and its user."""
        if not visitors.is_own_page(scope["headers"]):
            return NOT_ALLOWED, "", None
        key = visitors.session_key(scope["headers"])
        user_id, has_role = await read(lambda: _look_up(key))
        if user_id is None:
            return NOT_SIGNED_IN, "", None
        return None if has_role else NOT_ALLOWED, key, user_id

    async def _serve(self, receive: Receive, send: Send, *, key: str, user_id: object) -> int | None:
        farewell.attend(send)
        socket = Socket(hub=hub(), key=key, user_id=user_id, send=send, terms=self._terms)
        try:
            return await socket.serve(receive)
        except asyncio.CancelledError:
            # The server stops: say so, and leave it a moment to get the words out.
            await send(
                {"type": "websocket.send", "text": frame("bye", code=GOING_DOWN, retry_after=RETRY_AFTER_S)}
            )
            await send({"type": "websocket.close", "code": GOING_DOWN})
            await asyncio.sleep(FLUSH_S)
            raise


def hub() -> Hub:
    """Return the hub of this process's event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub(url=settings.REDIS_URL, prefix=bell.prefix(), read=read, polls=polls())
    return _hubs[loop]


def _look_up(key: str) -> tuple[object, bool]:
    user = visitors.user_of(key)
    return (None, False) if user is None else (user.pk, bool(rights.roles_of(user)))
