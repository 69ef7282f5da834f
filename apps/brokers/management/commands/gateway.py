"""manage.py gateway: hold the venue sessions and send orders until told to stop."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from apps.brokers import gateway


class Command(BaseCommand):
    help = "Run the gateway: venue sessions, dispatch, reconciliation, enforcement, market data feed."

    def handle(self, *_: Any, **__: Any) -> None:
        sys.exit(gateway.run())
