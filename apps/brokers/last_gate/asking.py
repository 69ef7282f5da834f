"""What the gate is asked about, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


class GateOrder(Protocol):
    """What the gate must know of an order; the portfolio's view of one has all of it."""

    @property
    def client_order_id(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def instrument(self) -> str: ...
    @property
    def side(self) -> str: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def price(self) -> Decimal | None: ...
    @property
    def is_entry(self) -> bool: ...
    @property
    def breaker_epochs(self) -> Mapping[str, int]: ...
    @property
    def fence(self) -> int | None: ...
    @property
    def boot_id(self) -> str: ...
    @property
    def deadline_boottime_ns(self) -> int: ...


class GateTerms(GateOrder, Protocol):
    """An order that rests, or is to: its stop says how much it may lose."""

    @property
    def stop_loss(self) -> Decimal | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GateVerdict:
    """`may_wait` says that the same order may pass a moment later; without it this refusal stands."""

    passed: bool
    reason: str = ""
    may_wait: bool = False


class Refused(Exception):  # noqa: N818 - it is the gate's answer on its way out
    def __init__(self, reason: str, *, may_wait: bool = False) -> None:
        super().__init__(reason)
        self.may_wait = may_wait


def scopes_of(order: GateOrder) -> list[str]:
    own = [order.source] if order.source.startswith("agent:") else []
    return ["desk", f"account:{order.account}", *own]
