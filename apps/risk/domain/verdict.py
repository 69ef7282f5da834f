"""What risk answers: approved as an order with its reservation, or denied with every reason."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.portfolio.domain.views import OrderView


def shown(figure: Decimal | None) -> str:
    """Write a figure for a sentence: two decimals from 100 up, else what it has, six at the most.

    Only sentences are rounded; every comparison is made on the exact figure, which is stored beside.
    """
    if figure is None:
        return "nothing known"
    digits = 2 if abs(figure) >= 100 else 6
    text = f"{figure:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits == 6 else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One reason. `reason` is the stable code, `text` one sentence for a person."""

    check: str
    reason: str
    value: Decimal | None = None
    limit: Decimal | None = None
    unit: str = ""
    text: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "reason": self.reason,
            "value": None if self.value is None else str(self.value),
            "limit": None if self.limit is None else str(self.limit),
            "unit": self.unit,
            "text": self.text,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Breach":
        value, limit = stored.get("value"), stored.get("limit")
        return cls(
            check=stored["check"],
            reason=stored["reason"],
            value=None if value is None else Decimal(value),
            limit=None if limit is None else Decimal(limit),
            unit=stored.get("unit", ""),
            text=stored.get("text", ""),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """`quantity` is what may be sent: the request's, or less."""

    order: OrderView
    review_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """`order` is the DENIED row, None where the request could not be a row."""

    order: OrderView | None
    reasons: tuple[Breach, ...]


Verdict = Approved | Denied
