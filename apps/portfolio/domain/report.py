"""What a venue said about an order. Money is in the account's currency."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from apps.portfolio.domain.order import OrderStatus, Side
from apps.portfolio.domain.terms import Terms

NOTHING = Decimal(0)


class FillReason(StrEnum):
    ORDER = "order"  # an order of ours
    EXTERNAL = "external"  # somebody else's order on our account
    STOP_LOSS = "stop_loss"
    TAKE_PROFIT = "take_profit"
    STOP_OUT = "stop_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedFill:
    """One execution (MT5: a deal). `quantity` is positive lots; costs are negative money.

    `profit` is realised profit as the venue booked it, without commission, swap and fee.
    """

    execution_id: str
    venue_order_id: str
    venue_position_id: str
    client_number: int  # the number we sent with the order, 0 for orders that are not ours
    instrument: str
    side: Side
    quantity: Decimal
    price: Decimal
    profit: Decimal
    commission: Decimal = NOTHING
    swap: Decimal = NOTHING
    fee: Decimal = NOTHING
    executed_at: datetime
    reason: FillReason = FillReason.ORDER

    @property
    def cash_change(self) -> Decimal:
        return self.profit + self.commission + self.swap + self.fee


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMovement:
    """A deposit, withdrawal or other money that no trade moved."""

    movement_id: str
    amount: Decimal
    moved_at: datetime
    kind: str = "balance"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionReport:
    """The state of one of our orders at the venue, with every fill that this report knows of.

    `status` is where the order stands now; fills already booked are repeated harmlessly. `terms` are those
    at the venue, where it shows them.
    """

    client_order_id: str
    status: OrderStatus
    venue_order_id: str = ""
    fills: tuple[ReportedFill, ...] = ()
    code: str = ""
    text: str = ""
    reported_at: datetime | None = None
    terms: Terms | None = None
