"""The bell: once a change is committed, tell whoever listens that there is something new to read.

A ring carries no data. Listeners hear topic, key, and a number per topic that lets them notice a gap;
a new epoch means that the counters began again (the store was flushed) and everything should be read afresh.
"""

import logging
import secrets
from functools import lru_cache

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)


def after_commit(topic: str, key: str = "") -> None:
    """Ring `topic` once the surrounding transaction is committed (at once without one). Never raises."""
    transaction.on_commit(lambda: ring(topic, key), robust=True)


def group(topic: str) -> str:
    """Name the channel group in which the listeners of `topic` wait."""
    return f"bell.{topic}"


def ring(topic: str, key: str = "") -> None:
    """Tell the listeners of `topic` now. A bell that cannot ring is logged: the change itself stands."""
    try:
        epoch, number = _count(topic)
        message = {"type": "bell.rang", "topic": topic, "key": key, "seq": number, "epoch": epoch}
        async_to_sync(get_channel_layer().group_send)(group(topic), message)
    except Exception as error:  # noqa: BLE001 (an edge: no listener's trouble may undo what was committed)
        logger.warning("the bell did not ring for %s %s: %s: %s", topic, key, type(error).__name__, error)


def _count(topic: str) -> tuple[str, int]:
    prefix = f"mtq:{settings.MTQ_RUN}:bell"
    with _client(settings.REDIS_URL).pipeline(transaction=True) as pipe:
        pipe.set(f"{prefix}:epoch", secrets.token_hex(6), nx=True)
        pipe.get(f"{prefix}:epoch")
        pipe.incr(f"{prefix}:seq:{topic}")
        _, epoch, number = pipe.execute()
    return epoch, number


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    # One quick try: a ring is worth less than the time a door would wait for it.
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=1,
        socket_connect_timeout=1,
        retry=Retry(NoBackoff(), 1),
    )
