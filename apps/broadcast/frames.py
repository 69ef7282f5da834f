"""How frames are written: one JSON object each, encoded once for all who get it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson


def encode(value: Any) -> bytes:
    """Encode as JSON: decimals as text, instants in UTC with Z. Raise TypeError for anything else unknown."""
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z)


def stamp() -> str:
    """Return the wall time as frames carry it: UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"no JSON for {type(value).__name__}")
