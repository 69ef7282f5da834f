"""Tickets of an account: first in, first out says which may be closed."""

from collections.abc import Sequence
from decimal import Decimal

from apps.risk.domain.surroundings import Ticket

NOTHING = Decimal(0)


def fifo(tickets: Sequence[Ticket], *, ticket: str, instrument: str, quantity: Decimal, sign: int) -> str:
    """Return which ticket may be closed where the one that is named may not, or nothing where it may.

    `tickets` are oldest first, `sign` is the order's side. Allowed is the oldest of the instrument, the
    oldest of exactly that size, and any where the order closes all of it.
    """
    held = [t for t in tickets if t.instrument == instrument and t.quantity * sign < 0]
    if not held:
        return "none"
    if quantity >= sum((abs(t.quantity) for t in held), NOTHING):
        return ""
    of_size = next((t for t in held if abs(t.quantity) == quantity), None)
    allowed = {held[0].ticket} | ({of_size.ticket} if of_size else set())
    return "" if ticket in allowed else (of_size or held[0]).ticket
