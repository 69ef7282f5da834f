"""A second set of books for the state machine: what a permit may leave room for, worked out apart.

Nothing here calls the code that it judges. All accounts and instruments are in dollars, so that values need
no rate.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

UNIT = Decimal(100_000)
WIDER = Decimal("1.03")  # three collars of one per cent
NOTHING = Decimal(0)
# The table of the rules, written down a second time: what an order may become.
WORKING = {
    "partially_filled",
    "filled",
    "cancel_pending",
    "replace_pending",
    "cancelled",
    "expired",
    "rejected",
}
ANSWERED = {"accepted", "partially_filled", "filled", "cancelled", "expired"}
LEGAL = {
    "": {"approved", "denied"},
    "approved": {"sending", "expired", "cancelled"},
    "sending": ANSWERED | {"rejected", "unknown", "approved"},
    "unknown": ANSWERED | {"rejected", "absent"},
    "accepted": WORKING,
    "partially_filled": WORKING,
    "cancel_pending": ANSWERED,
    "replace_pending": ANSWERED,
}
ENDS = {"denied", "filled", "cancelled", "rejected", "expired", "absent"}


@dataclass(slots=True)
class Kept:
    """An approved order: `price` is what its room is held at, `sign` 1 to buy."""

    account: str
    source: str
    instrument: str
    sign: int
    quantity: Decimal
    price: Decimal
    is_entry: bool
    status: str = "approved"
    filled: Decimal = NOTHING

    @property
    def open_lots(self) -> Decimal:
        return NOTHING if self.status in ENDS else max(NOTHING, self.quantity - self.filled)


@dataclass(slots=True)
class Bookkeeping:
    """`held` is signed lots by account, source and instrument; `mids` the prices of now."""

    mids: dict[str, Decimal] = field(default_factory=dict)
    held: defaultdict[tuple[str, str, str], Decimal] = field(
        default_factory=lambda: defaultdict(lambda: NOTHING)
    )
    orders: dict[str, Kept] = field(default_factory=dict)

    def fill(self, order: Kept, lots: Decimal) -> None:
        order.filled += lots
        self.held[order.account, order.source, order.instrument] += order.sign * lots

    def position(self, account: str, instrument: str) -> Decimal:
        return sum(
            (lots for (a, _, i), lots in self.held.items() if (a, i) == (account, instrument)), NOTHING
        )

    def of(self, *, account: str = "", source: str = "") -> Iterator[Kept]:
        """Yield open orders of an account, of a source, or of all."""
        for order in self.orders.values():
            if order.open_lots and account in {"", order.account} and source in {"", order.source}:
                yield order

    def accounts(self) -> set[str]:
        return {account for account, _, _ in self.held} | {order.account for order in self.orders.values()}

    def worst_lots(self, account: str, instrument: str, source: str = "") -> Decimal:
        """Return the lots on the larger side if all open orders of that side filled and no other."""
        return max(self.worst_side(account, instrument, sign, source) for sign in (1, -1))

    def worst_side(self, account: str, instrument: str, sign: int, source: str = "") -> Decimal:
        now = self.held[account, source, instrument] if source else self.position(account, instrument)
        orders = [
            order for order in self.of(account=account, source=source) if order.instrument == instrument
        ]
        return max(NOTHING, now * sign + sum((o.open_lots for o in orders if o.sign == sign), NOTHING))

    def worst_of_accounts(self, accounts: Iterable[str], instrument: str, source: str) -> Decimal:
        """Return the larger side of several accounts: each side adds up, and nothing nets across them."""
        return max(
            sum((self.worst_side(slug, instrument, sign, source) for slug in accounts), NOTHING)
            for sign in (1, -1)
        )

    def gross(self, account: str) -> Decimal:
        """Return positions at mid and open entries at their reserved prices, all as absolute values."""
        held = (abs(self.position(account, name)) * UNIT * mid for name, mid in self.mids.items())
        opened = (o.open_lots * UNIT * o.price for o in self.of(account=account) if o.is_entry)
        return sum(held, NOTHING) + sum(opened, NOTHING)

    def desk_gross(self) -> Decimal:
        return sum((self.gross(account) for account in self.accounts()), NOTHING)
