import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mtquant_site.settings.local")

application = ProtocolTypeRouter({"http": get_asgi_application()})
