"""From the wire's binary floats and server clocks to exact values."""

import math
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from apps.brokers.adapters.mt5.server_clock import ServerClock

CENT = Decimal("0.01")


class BadPayloadError(ValueError):
    """A venue's record cannot be what it claims to be. The text names the field."""


def decimal(value: Any, *, name: str = "value") -> Decimal:
    """Return the shortest decimal that the float stands for. Raise BadPayloadError unless finite."""
    if isinstance(value, bool) or value is None:
        raise BadPayloadError(f"{name} is {value!r}")
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise BadPayloadError(f"{name} is {value!r}") from error
    if not math.isfinite(number):
        raise BadPayloadError(f"{name} is {value!r}")
    # Numbers that came as integers or text may be wider than a float: they need no way through one.
    return Decimal(str(value)) if isinstance(value, int | str) else Decimal(repr(number))


def plain(value: Decimal) -> Decimal:
    """Return the same number without the zeros that its float brought along."""
    slim = value.normalize()
    return slim.quantize(Decimal(1)) if slim == slim.to_integral_value() else slim


def on_step(value: Decimal, step: Decimal) -> Decimal:
    """Return the multiple of `step` nearest to a value that is one up to binary noise."""
    return ((value / step).to_integral_value(ROUND_HALF_EVEN) * step).quantize(step)


def money(value: Any, *, name: str = "money") -> Decimal:
    return on_step(decimal(value, name=name), CENT)


def price_or_none(value: Any, tick: Decimal, *, allows_negative: bool = False) -> Decimal | None:
    """Return a price on its tick; None where there is no sound price (NaN, inf, zero, negative)."""
    try:
        number = on_step(decimal(value), tick)
    except BadPayloadError:
        return None
    return number if number > 0 or (allows_negative and number) else None


def integer(record: dict[str, Any], name: str, default: int | None = None) -> int:
    value = record.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise BadPayloadError(f"{name} is {value!r}")
    return int(value)


def server_wall(value: Any, *, name: str = "time") -> datetime:
    """Read the server's wall clock as it stands: seconds, or ISO text that claims to be UTC."""
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=round(float(value) * 1_000_000))
    except (TypeError, ValueError, OverflowError) as error:
        raise BadPayloadError(f"{name} is {value!r}") from error


def event_time(record: dict[str, Any], server: ServerClock, *, stem: str = "time") -> datetime:
    """Return a record's time in UTC; the milliseconds that it carries win over its whole seconds."""
    return server.to_utc(event_wall(record, stem=stem))


def event_wall(record: dict[str, Any], *, stem: str = "time") -> datetime:
    fine = record.get(f"{stem}_msc")
    if isinstance(fine, str):
        return server_wall(fine, name=f"{stem}_msc")
    if isinstance(fine, int | float) and fine > 0:
        return server_wall(fine / 1000, name=f"{stem}_msc")
    return server_wall(record.get(stem), name=stem)


def to_server(at: datetime, server: ServerClock) -> str:
    """Write an instant as the ISO text of the server's wall clock that its calls take."""
    return server.to_wall(at).strftime("%Y-%m-%dT%H:%M:%S")
