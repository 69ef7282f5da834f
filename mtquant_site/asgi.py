import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mtquant_site.settings.local")

pages = get_asgi_application()

from mtquant_site.consumers import DeskSocket  # noqa: E402 (it reads models, which Django has loaded only now)

application = ProtocolTypeRouter({"http": pages, "websocket": DeskSocket()})
