"""What a check is, and what it finds."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from apps.portfolio.domain.order import OrderRequest
from apps.risk.domain.checks.context import At, Context
from apps.risk.domain.intent import Intent
from apps.risk.domain.verdict import Breach

__all__ = ["PASSED", "Applies", "At", "Check", "Context", "Finding", "Judge"]


class Applies(StrEnum):
    ENTRIES = "entries"
    EXITS = "exits"
    BOTH = "both"


class Finding(NamedTuple):
    """What a check saw. An empty `reason` passes; `soft` passes too, marks the review and alerts.

    Dozens are made with every order: a tuple takes a quarter of the time of a frozen dataclass.
    """

    reason: str = ""
    value: Decimal | None = None
    limit: Decimal | None = None
    unit: str = ""
    text: str = ""
    soft: bool = False
    note: str = ""
    key: str = ""  # the instrument or currency that a limit counts alone
    others: "tuple[Finding, ...]" = ()  # against further limits of the same scope and metric


PASSED = Finding()
Judge = Callable[[OrderRequest, Context], Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule. `applies_to` and `at` say for which orders it is asked."""

    name: str
    applies_to: Applies
    judge: Judge
    at: At = At.ACCOUNT

    def concerns(self, intent: Intent) -> bool:
        is_entry = intent.source_entry if self.at is At.SOURCE else intent.account_entry
        if self.applies_to is Applies.BOTH:
            return True
        return is_entry if self.applies_to is Applies.ENTRIES else not is_entry

    def __call__(self, request: OrderRequest, context: Context) -> Breach | None:
        return self.breach(self.judge(request, context))

    def breach(self, found: Finding, *, name: str = "") -> Breach | None:
        if not found.reason:
            return None
        return Breach(
            check=name or self.name,
            reason=found.reason,
            value=found.value,
            limit=found.limit,
            unit=found.unit,
            text=found.text,
        )
