"""What we ask of a venue, and the only ways in which an order may move."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> "Side":
        return Side.SELL if self is Side.BUY else Side.BUY

    @classmethod
    def of(cls, signed: Decimal) -> Self:
        """Return the side that moves a position by a signed quantity."""
        return cls("buy" if signed > 0 else "sell")


class OrderType(StrEnum):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"


class OrderStatus(StrEnum):
    DENIED = "denied"
    APPROVED = "approved"
    SENDING = "sending"
    ACCEPTED = "accepted"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCEL_PENDING = "cancel_pending"
    REPLACE_PENDING = "replace_pending"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    ABSENT = "absent"

    @property
    def is_final(self) -> bool:
        return not MOVES[self]

    @property
    def holds_room(self) -> bool:
        """Tell whether the order's open quantity must stay reserved."""
        return not self.is_final


_S = OrderStatus
_AT_VENUE = {_S.ACCEPTED, _S.PARTIALLY_FILLED, _S.FILLED, _S.CANCELLED, _S.EXPIRED}
_WORKING = {
    _S.PARTIALLY_FILLED,
    _S.FILLED,
    _S.CANCEL_PENDING,
    _S.REPLACE_PENDING,
    _S.CANCELLED,
    _S.EXPIRED,
    _S.REJECTED,
}

MOVES: dict[OrderStatus, frozenset[OrderStatus]] = {
    # SENDING and UNKNOWN order are never sent again: the one way back is proof that no byte left.
    _S.APPROVED: frozenset({_S.SENDING, _S.EXPIRED, _S.CANCELLED}),
    _S.SENDING: frozenset(_AT_VENUE | {_S.REJECTED, _S.UNKNOWN, _S.APPROVED}),
    _S.UNKNOWN: frozenset(_AT_VENUE | {_S.REJECTED, _S.ABSENT}),
    _S.ACCEPTED: frozenset(_WORKING),
    _S.PARTIALLY_FILLED: frozenset(_WORKING),
    # A cancel may cross a fill, and a venue may refuse a cancel: both leave the order working.
    _S.CANCEL_PENDING: frozenset(_AT_VENUE),
    _S.REPLACE_PENDING: frozenset(_AT_VENUE),
    **{end: frozenset() for end in (_S.DENIED, _S.FILLED, _S.CANCELLED, _S.REJECTED, _S.EXPIRED, _S.ABSENT)},
}


class IllegalMove(ValueError):  # noqa: N818 - it names what was tried
    """An order was asked to move where the table of moves has no way."""


def check_move(old: OrderStatus, new: OrderStatus) -> None:
    """Raise IllegalMove unless the table lists the move."""
    if new not in MOVES[old]:
        raise IllegalMove(f"an order cannot go from {old} to {new}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """An intent to trade, before risk has judged it. `quantity` is in lots and positive.

    `reduce_only` asks for an exit: it may only shrink the account's position.
    `signal_key` names the intent; with source and leg it gives the one client_order_id it will ever have.
    `requested_at` is desk time; `ttl_s` is real seconds that the order may wait unsent.
    `stop_distance` is in price units, for sizing by risk; it is not sent to the venue.
    `risk_share` asks for the lots that lose this share of equity at the stop, `quantity` at most.
    `client_ref` is a client's own name for it, unique per account; `policy` is the version that wanted it.
    """

    account: str
    source: str
    instrument: str
    side: Side
    quantity: Decimal
    order_type: OrderType = OrderType.MARKET
    price: Decimal | None = None
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    reduce_only: bool = False
    signal_key: str
    leg: int = 0
    requested_at: datetime
    ttl_s: int = 30
    stop_distance: Decimal | None = None
    risk_share: Decimal | None = None
    ticket: str = ""
    client_ref: str = ""
    policy: str = ""

    @property
    def signed_quantity(self) -> Decimal:
        return self.quantity * self.side.sign


def client_order_id(*, deployment: str, source: str, signal_key: str, leg: int) -> str:
    """Return the 24 hex digits that name an intent at every broker, always the same ones."""
    text = "\x1f".join((deployment, source, signal_key, str(leg)))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def venue_number(order_id: str) -> int:
    """Return the order's positive 63-bit number, for venues whose orders carry only a number."""
    return int(order_id[:16], 16) >> 1
