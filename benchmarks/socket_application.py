"""What `benchmarks/sockets.py` has served: the desk's socket, and the plainest use of the Channels layer."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mtquant_site.settings.test")

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

pages = get_asgi_application()

from mtquant_site.consumers import DeskSocket  # noqa: E402

GROUP = "benchmark"


class Peer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    """Joins a group and passes on what is sent to it."""

    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()
        await self.send(text_data='{"t":"snap"}')

    async def benchmark_tell(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


peer = Peer.as_asgi()
desk = DeskSocket()


async def sockets(scope: Any, receive: Any, send: Any) -> None:
    await (peer if scope["path"] == "/peer/" else desk)(scope, receive, send)


application = ProtocolTypeRouter({"http": pages, "websocket": sockets})
