"""Names for the sources that ledgers keep: `user:7`, `agent:SLUG`, `enforcement:12`."""

import time
from functools import lru_cache

from django.contrib.auth import get_user_model

KEPT_S = 60


def name_of(source: str) -> str:
    """Return what people call a source: a user's name, an agent's slug, else the kind of source."""
    kind, _, rest = source.partition(":")
    if kind == "agent":
        return rest
    if kind == "user":
        number = rest.split(" ", 1)[0]
        return _username(int(number), int(time.monotonic() // KEPT_S)) if number.isdigit() else rest
    return kind


@lru_cache(maxsize=1024)
def _username(pk: int, minute: int) -> str:
    del minute  # part of the key only: a name may be corrected
    names = get_user_model().objects.filter(pk=pk).values_list("username", flat=True)
    return names.first() or f"user {pk}"
