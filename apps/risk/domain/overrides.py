"""What two people may let an order past: a price collar or a throttle, for one exact order, once."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from apps.portfolio.domain.order import OrderRequest
from apps.risk.domain.surroundings import Override


class Overridable(StrEnum):
    """The only checks that an Override may name. Limits, repeats and the gate's caps are none of them."""

    COLLAR = "collar"
    THROTTLE = "throttle"


def override_hash(request: OrderRequest) -> str:
    """Return the 64 hex digits that name what an order asks for, however often it is sent.

    Whose it is and every term that reaches the venue count, the quantity as it was before sizing, and the
    share at risk that it was asked by; its key, its time and its policy do not. Equal numbers are equal
    however they are written: 1.0 is 1.
    """
    terms = (
        request.account,
        request.source,
        request.instrument,
        request.side.value,
        request.order_type.value,
        *map(_plain, (request.quantity, request.price, request.stop_loss, request.take_profit)),
        _plain(request.risk_share),
        "exit" if request.reduce_only else "entry",
        request.ticket,
    )
    return hashlib.sha256("\x1f".join(terms).encode()).hexdigest()


def applying(
    overrides: Iterable[Override], request: OrderRequest, check: Overridable, *, wall_now: datetime | None
) -> Override | None:
    """Return the override that lets this order past the check now. Without a wall clock none counts."""
    found = [override for override in overrides if override.check == check]
    if not found or wall_now is None:
        return None
    wanted = override_hash(request)
    return next((o for o in found if o.payload_hash == wanted and wall_now < o.expires_at), None)


def _plain(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}" if number.is_finite() else str(number)
