"""Chooses the connection that an order takes. Only what risk has approved can be routed at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from apps.risk.domain.verdict import Approved


class Candidate(Protocol):
    @property
    def slug(self) -> str: ...
    @property
    def account(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    client_order_id: str
    connection: str


def choose(approved: Approved, candidates: Iterable[Candidate]) -> Route | None:
    """Return the way to the order's account, or None where no connection serves it.

    One connection serves an account; should there be two, the first by name is taken every time.
    """
    serving = sorted(c.slug for c in candidates if c.account == approved.order.account)
    if not serving:
        return None
    return Route(client_order_id=approved.order.client_order_id, connection=serving[0])
