"""What surrounds an order beside its account's book: the desk, its source elsewhere, what happened lately.

Everything here was read under the locks of the permit, except covariance and market. Figures of `desk` and
`elsewhere` are in the desk's base currency and are named as `apps.portfolio.domain.use` names them: `gross`,
`gross|EURUSD`, `net_long|EUR`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from apps.portfolio.domain.order import OrderType, Side

Figures = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastOrder:
    """An order of the same source, instrument and side in the last minute of desk time, however it ended."""

    client_order_id: str
    account: str
    instrument: str
    side: Side
    order_type: OrderType
    quantity: Decimal
    price: Decimal | None
    is_entry: bool
    requested_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RestingOrder:
    """An open order of the same owner at the same venue in the same instrument, in doubt or not.

    `price` is its limit or stop, None for a market order that is still under way.
    """

    client_order_id: str
    account: str
    source: str
    side: Side
    order_type: OrderType
    price: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One open position of the venue, oldest first in a tuple; `quantity` is signed lots."""

    ticket: str
    instrument: str
    quantity: Decimal
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Message tokens as they were left at a moment of desk time."""

    tokens: Decimal
    filled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Two people let one order past one check, a collar or a throttle; `wider` is the collar it gets."""

    request_id: int
    check: str
    payload_hash: str
    expires_at: datetime  # wall time
    wider: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFigures:
    """What the newest risk snapshot says of a scope, in the base currency; `number` ties counters to it.

    `pending` is what entries permitted since it was read add, each on its own: they are never netted.
    """

    number: int
    measured_at: datetime  # wall time
    equity: Decimal | None = None
    day_loss: Decimal | None = None
    sigma: Decimal | None = None
    var: Decimal | None = None
    es: Decimal | None = None
    pending_sigma: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The empty one is a desk of one account on which nothing has happened yet."""

    base_currency: str = "USD"
    alone: bool = True  # no other account is on the desk: what it lost is what this one lost
    desk: Figures = field(default_factory=dict)  # of all other accounts
    elsewhere: Figures = field(default_factory=dict)  # of the source, on all other accounts
    entries_today: Mapping[str, Decimal] = field(default_factory=dict)  # by scope, as Context.scopes names it
    value_today: Mapping[str, Decimal] = field(default_factory=dict)
    lately: tuple[PastOrder, ...] = ()
    resting: tuple[RestingOrder, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    buckets: Mapping[str, Bucket] = field(default_factory=dict)
    permitted: tuple[tuple[str, str], ...] = (("*", "*"),)  # (source, instrument) patterns in force
    restricted: frozenset[str] = frozenset()
    classes: Mapping[str, str] = field(default_factory=dict)  # instrument to the class of its regulator
    overrides: tuple[Override, ...] = ()
    day_start: Decimal | None = None  # the account's equity at the day roll, in its currency
    snapshots: Mapping[str, SnapshotFigures] = field(default_factory=dict)  # by scope
