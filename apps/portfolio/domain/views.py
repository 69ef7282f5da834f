"""What other floors see of rows: orders, their events, fills."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from apps.portfolio.domain.terms import Amendment


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """One order row. `sent_at`, `unknown_at` and `created_at` are wall time, `requested_at` desk time.

    It may be sent until `deadline_boottime_ns` of CLOCK_BOOTTIME on the boot named `boot_id`. `amendment` is
    what its venue has been asked to change it to and has not answered yet; `revision` counts those.
    """

    client_order_id: str
    number: int
    account: str
    source: str
    signal_key: str
    leg: int
    review_id: int | None
    instrument: str
    side: Side
    order_type: OrderType
    requested_quantity: Decimal
    quantity: Decimal
    filled: Decimal
    average_price: Decimal | None
    price: Decimal | None
    stop_loss: Decimal | None
    take_profit: Decimal | None
    reduce_only: bool
    is_entry: bool
    ticket: str
    status: OrderStatus
    reasons: tuple[Any, ...]
    venue_order_id: str
    late_fill: bool
    overfill: bool
    breaker_epochs: dict[str, int]
    owner: str
    fence: int | None
    boot_id: str
    deadline_boottime_ns: int
    lease_boot_id: str
    lease_boottime_ns: int
    requested_at: datetime
    sent_at: datetime | None
    unknown_at: datetime | None
    created_at: datetime
    client_ref: str = ""
    policy: str = ""
    revision: int = 0
    amendment: Amendment | None = None

    @property
    def remaining(self) -> Decimal:
        return max(Decimal(0), self.quantity - self.filled)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEventView:
    """One thing that happened to an order, in wall time."""

    id: int
    client_order_id: str
    account: str
    source: str
    instrument: str
    kind: str
    old_status: str
    new_status: str
    detail: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FillView:
    """One booked execution; `cash_change` is the money that the venue moved for it, in its four parts."""

    client_order_id: str
    execution_id: str
    venue_order_id: str
    instrument: str
    side: Side
    quantity: Decimal
    price: Decimal
    cash_change: Decimal
    profit: Decimal
    commission: Decimal
    swap: Decimal
    fee: Decimal
    reason: str
    shares: dict[str, Decimal]
    executed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """A row of positions in signed lots: the account's net one where `source` is empty, else a source's."""

    id: int
    account: str
    instrument: str
    source: str
    quantity: Decimal
    hedging: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomView:
    """What an order holds: open lots at the reserved price, margin of them, and what the whole order took."""

    lots: Decimal
    price: Decimal
    margin: Decimal
    uses: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CashFlowView:
    """Money that no trade moved; `movement_id` is the venue's own. `moved_at` is desk time."""

    movement_id: str
    amount: Decimal
    kind: str
    moved_at: datetime
