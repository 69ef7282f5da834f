"""Changes whose answer was lost: the terms that the venue shows say what became of them.

The new ones settle a change at once. The old ones prove that it was not taken only once the quiet period is
over, as with an order that is not found: what was asked for may still arrive.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.brokers import dispatch
from apps.brokers.reconciliation.doubts import EMPTY_ROUNDS, SHORTEST_QUIET_S
from apps.portfolio import books, ledger
from apps.portfolio.books import OrderView
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.terms import Terms

logger = logging.getLogger(__name__)
Key = tuple[str, int]  # order and revision


@dataclass(slots=True)
class Sighting:
    """The old terms, seen at the venue: since when (monotonic), and how often."""

    since: float
    times: int = 0


@dataclass(slots=True)
class Changes:
    """What one connection's passes have seen of changes that are out."""

    seen: dict[Key, Sighting] = field(default_factory=dict)

    def forget(self) -> None:
        """Count anew: the session did not hold, so what was seen before says nothing."""
        self.seen.clear()

    async def settle(self, account: str, working: Mapping[int, Terms | None], *, quiet_s: float) -> int:
        """Settle every sent change that the venue's resting orders explain, and return how many."""
        pending = await dispatch.off_loop(books.orders_in, {OrderStatus.REPLACE_PENDING}, account)
        sent = [order for order in pending if order.amendment and order.amendment.sender]
        keys = {(order.client_order_id, order.revision) for order in sent}
        self.seen = {key: sighting for key, sighting in self.seen.items() if key in keys}
        settled = 0
        for order in sent:
            shown = working.get(order.number)
            if shown is not None:  # what rests there no more is asked about with the vanished orders
                settled += await self._judge(order, shown, quiet_s=max(SHORTEST_QUIET_S, quiet_s))
        return settled

    async def _judge(self, order: OrderView, shown: Terms, *, quiet_s: float) -> bool:
        order_id = order.client_order_id
        if order.amendment is not None and shown == order.amendment.terms:
            logger.info("the venue shows the new terms of %s", order_id)
            detail = "the venue shows the new terms"
            return await dispatch.stored(ledger.amend_done, order_id=order_id, detail=detail)
        now = time.monotonic()
        sighting = self.seen.setdefault((order_id, order.revision), Sighting(now))
        sighting.times += 1
        if now - sighting.since < quiet_s or sighting.times < EMPTY_ROUNDS:
            return False
        detail = f"the venue still shows the old terms after {quiet_s:.0f} s"
        logger.warning("the change of %s is given up: %s", order_id, detail)
        return await dispatch.stored(ledger.amend_refused, order_id=order_id, detail=detail)
