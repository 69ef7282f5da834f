"""Whether this process lives, and whether the desk behind it can serve."""

import logging
from collections.abc import Callable

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer that the process lives. Touches nothing outside it."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part answers, else 503; each part is listed with what it said."""
    parts = [_ask(name, question) for name, question in PARTS]
    ready = all(part["ok"] for part in parts)
    status = "ready" if ready else "not ready"
    return JsonResponse({"status": status, "parts": parts}, status=200 if ready else 503)


def _ask(name: str, question: Callable[[], str]) -> dict[str, object]:
    try:
        detail = question()
    except Exception as error:  # noqa: BLE001 (an edge: whatever a part raises, the answer is "not ready")
        logger.warning("%s is not ready: %s", name, error)
        # The address and login in a driver's message are not for the open page.
        return {"name": name, "ok": False, "detail": type(error).__name__}
    return {"name": name, "ok": not detail, "detail": detail}


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return ""


def _cache() -> str:
    cache.set("readyz", "1", timeout=10)
    return "" if cache.get("readyz") == "1" else "a value written was not read back"


def _channel_layer() -> str:
    async_to_sync(get_channel_layer().group_send)("readyz", {"type": "ready.asked"})
    return ""


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(waiting)} not applied" if waiting else ""


PARTS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("database", _database),
    ("cache", _cache),
    ("channel layer", _channel_layer),
    ("migrations", _migrations),
)
