"""The bell: once a change is committed, tell whoever listens that there is something new to read.

A ring carries no data. Listeners subscribe to `channel(topic)` in Redis and hear JSON with topic, key, scope,
and a number per topic and scope that lets them notice a gap; a new epoch means that the counters began again
(the store was flushed) and everything should be read afresh. `key` says what changed, `scope` whose stream of
changes it belongs to where a topic has several: of an order the key is its id, the scope its account.
"""

import json
import logging
import secrets
from collections import deque
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.retry import Retry

logger = logging.getLogger(__name__)
MOST_OWED = 1_000
Told = tuple[str, str, str]  # topic, key, scope

# Counting and telling are one step, so that listeners hear the numbers of a topic in their order. It runs in
# the thread that has just committed: one round trip, where a ring through the channel layer cost 38 ms.
_RING = """
redis.call('set', KEYS[1], ARGV[1], 'NX')
local ring = cjson.decode(ARGV[2])
ring['epoch'] = redis.call('get', KEYS[1])
ring['seq'] = redis.call('incr', KEYS[2])
redis.call('publish', KEYS[3], cjson.encode(ring))
return ring['seq']
"""


def after_commit(topic: str, key: str = "", *, scope: str = "") -> None:
    """Ring `topic` once the surrounding transaction is committed (at once without one). Never raises."""
    transaction.on_commit(lambda: ring(topic, key, scope=scope), robust=True)


def channel(topic: str) -> str:
    """Name the Redis channel on which the listeners of `topic` hear it."""
    return f"{prefix()}:{topic}"


def prefix() -> str:
    """Name what every key and channel of this desk's bell begins with."""
    return f"mtq:{settings.MTQ_RUN}:bell"


def counter(topic: str, scope: str = "") -> str:
    """Name the Redis key that holds the number of the last ring of a topic and scope."""
    return f"{prefix()}:seq:{topic}:{scope}" if scope else f"{prefix()}:seq:{topic}"


def ring(topic: str, key: str = "", *, scope: str = "") -> None:
    """Tell the listeners of `topic` now. A bell that cannot ring is logged: the change itself stands.

    What could not be told is told with this process's next ring: without a number nobody would miss it.
    """
    owed = _owed(settings.REDIS_URL)
    owed.append((topic, key, scope))
    while (told := _next(owed)) is not None:
        try:
            _tell(*told)
        except ResponseError as error:
            logger.warning("the bell refuses %s %s: %s", told[0], told[1], error)
        except Exception as error:  # noqa: BLE001 (an edge: no listener's trouble may undo what was committed)
            owed.appendleft(told)
            logger.warning("the bell did not ring for %s %s: %s: %s", topic, key, type(error).__name__, error)
            return


def _next(owed: deque[Told]) -> Told | None:
    try:
        return owed.popleft()
    except IndexError:  # nothing, or another thread tells it
        return None


def _tell(topic: str, key: str, scope: str) -> None:
    _client(settings.REDIS_URL).eval(
        _RING,
        3,
        f"{prefix()}:epoch",
        counter(topic, scope),
        channel(topic),
        secrets.token_hex(6),
        json.dumps({"topic": topic, "key": key, "scope": scope}),
    )


@lru_cache(maxsize=4)
def _owed(_url: str) -> deque[Told]:
    """Return what listeners at an address were not told yet; beyond a thousand the oldest are forgotten."""
    return deque(maxlen=MOST_OWED)


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
