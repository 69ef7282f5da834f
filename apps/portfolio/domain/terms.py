"""What of a resting order may change: its lots and its prices. What it is never does."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

NAMES = ("quantity", "price", "stop_loss", "take_profit")


class HasTerms(Protocol):
    """An order, or a request for one, as far as its terms go."""

    @property
    def quantity(self) -> Decimal: ...
    @property
    def price(self) -> Decimal | None: ...
    @property
    def stop_loss(self) -> Decimal | None: ...
    @property
    def take_profit(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`quantity` is the whole order's lots, filled ones included; None: there is no such price."""

    quantity: Decimal
    price: Decimal | None = None
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None

    @classmethod
    def of(cls, order: HasTerms) -> "Terms":
        return cls(
            quantity=order.quantity,
            price=order.price,
            stop_loss=order.stop_loss,
            take_profit=order.take_profit,
        )

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Terms":
        price, stop_loss, take_profit = (
            None if kept[name] is None else Decimal(kept[name]) for name in NAMES[1:]
        )
        return cls(
            quantity=Decimal(kept["quantity"]), price=price, stop_loss=stop_loss, take_profit=take_profit
        )

    def as_json(self) -> dict[str, str | None]:
        """Return them as text, exact; what there is none of as null."""
        values = {name: getattr(self, name) for name in NAMES}
        return {name: None if value is None else f"{value:f}" for name, value in values.items()}

    def changes(self, other: "Terms") -> frozenset[str]:
        """Return the names of what differs."""
        return frozenset(name for name in NAMES if getattr(self, name) != getattr(other, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What the venue is to change an order to. It is sent once, by the incarnation named by `fence`.

    `breaker_epochs` and the deadline are those of the permit, as an order has its own. `sender` is empty
    until somebody has taken it to send. `cancel` says that the order is to be taken back all the same.
    """

    terms: Terms
    by: str
    breaker_epochs: Mapping[str, int]
    boot_id: str
    deadline_boottime_ns: int
    sender: str = ""
    fence: int | None = None
    cancel: bool = False

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Amendment":
        return cls(
            terms=Terms.from_json(kept),
            by=kept.get("by", ""),
            breaker_epochs=kept.get("breaker_epochs", {}),
            boot_id=kept.get("boot_id", ""),
            deadline_boottime_ns=kept.get("deadline_boottime_ns", 0),
            sender=kept.get("sender", ""),
            fence=kept.get("fence"),
            cancel=kept.get("cancel", False),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            **self.terms.as_json(),
            "by": self.by,
            "breaker_epochs": dict(self.breaker_epochs),
            "boot_id": self.boot_id,
            "deadline_boottime_ns": self.deadline_boottime_ns,
            "sender": self.sender,
            "fence": self.fence,
            "cancel": self.cancel,
        }
