"""The desk's application for a real server in tests: quick to cut off who does not read, and nobody else."""

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

pages = get_asgi_application()

from mtquant_site.consumers import DeskSocket  # noqa: E402 (it reads models, which Django has loaded only now)
from mtquant_site.sockets.terms import Terms  # noqa: E402

application = ProtocolTypeRouter(
    {"http": pages, "websocket": DeskSocket(Terms(stalled_s=1.0, look_every_s=0.1, silence_s=600))}
)
