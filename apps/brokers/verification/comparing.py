"""Venue against ledger, pure: every difference in a line of its own."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from apps.brokers.verification.venue_log import (
    VenueAccountRecord,
    VenueDeal,
    VenueOrderRecord,
    net_positions,
)
from apps.portfolio.domain.order import OrderStatus
from apps.portfolio.domain.views import CashFlowView, FillView, OrderView

NOTHING = Decimal(0)
IN_DOUBT = {OrderStatus.SENDING, OrderStatus.UNKNOWN}
STANDS = {
    "working": {
        OrderStatus.ACCEPTED,
        OrderStatus.PARTIALLY_FILLED,
        OrderStatus.CANCEL_PENDING,
        OrderStatus.REPLACE_PENDING,
    },
    "filled": {OrderStatus.FILLED},
    "cancelled": {OrderStatus.CANCELLED},
    "rejected": {OrderStatus.REJECTED},
    "expired": {OrderStatus.EXPIRED},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSide:
    """One account as the desk has it, read in one snapshot; `rows`: positions by (source, instrument)."""

    account: str
    cash: Decimal
    orders: Sequence[OrderView]
    fills: Sequence[FillView]
    flows: Sequence[CashFlowView]
    rows: Mapping[tuple[str, str], Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueSide:
    """The same account by the venue's log at the cut, and `now` as the log has gone on since."""

    cut: VenueAccountRecord
    now: VenueAccountRecord
    last_id: int
    instrument_of: Mapping[str, str]

    def instrument(self, symbol: str) -> str:
        return self.instrument_of.get(symbol, symbol)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One account, compared up to the cut. `quiet` is how long a doubt is no difference."""

    venue: VenueSide
    ledger: LedgerSide
    now: datetime
    quiet: timedelta

    # Doubts

    def doubts(self) -> dict[int, OrderView]:
        """Return orders in doubt that are inside their quiet period, by number."""
        return {
            order.number: order
            for order in self.ledger.orders
            if order.status in IN_DOUBT and self._age(order) < self.quiet
        }

    def _age(self, order: OrderView) -> timedelta:
        return self.now - (order.unknown_at or order.sent_at or order.created_at)

    def unbooked_in_doubt(self) -> dict[int, VenueDeal]:
        """Return deals that the ledger lacks because their order is in open doubt."""
        doubts, booked = self.doubts(), {fill.execution_id for fill in self.ledger.fills}
        return {
            deal.deal: deal
            for deal in self.venue.cut.deals.values()
            if deal.number in doubts and str(deal.deal) not in booked
        }

    # Differences

    def differences(self) -> Iterator[str]:
        for difference in (
            *self._orders_of_the_venue(),
            *self._orders_of_the_ledger(),
            *self._fills(),
            *self._cash(),
            *self._positions(),
            *self._rows(),
        ):
            yield f"{self.ledger.account}: {difference}"

    def _orders_of_the_venue(self) -> Iterator[str]:
        numbers = Counter(order.number for order in self.venue.cut.orders.values() if order.number)
        for number, count in numbers.items():
            if count > 1:
                yield f"order number {number} is at the venue {count} times"
        by_number = {order.number: order for order in self.ledger.orders}
        by_venue_id = {order.venue_order_id: order for order in self.ledger.orders}
        doubts = self.doubts()
        for record in self.venue.cut.orders.values():
            if not record.number or record.number in doubts:
                continue
            order = by_number.get(record.number) or by_venue_id.get(str(record.order))
            if order is None:
                yield f"venue order {record.order} (number {record.number}) is not in the ledger"
            else:
                yield from self._order(record, order)

    def _order(self, record: VenueOrderRecord, order: OrderView) -> Iterator[str]:
        name = f"order {order.client_order_id}"
        if order.venue_order_id != str(record.order):
            yield f"{name} is venue order {record.order}, the ledger says {order.venue_order_id or 'none'}"
        seen = {record.state, self.venue.now.orders[record.order].state}
        allowed = set().union(*(STANDS[state] for state in seen))
        if order.status not in allowed:
            yield f"{name} is {record.state} at the venue, {order.status} in the ledger"
        asked = (self.venue.instrument(record.symbol), record.side, record.volume)
        if asked != (order.instrument, order.side, order.quantity):
            yield (
                f"{name} is {record.side} {record.volume} {asked[0]} at the venue, "
                f"{order.side} {order.quantity.normalize():f} {order.instrument} in the ledger"
            )
        booked = sum(
            (f.quantity for f in self._cut_fills() if f.venue_order_id == str(record.order)), NOTHING
        )
        if booked != record.filled:
            yield f"{name} filled {record.filled} at the venue, {booked.normalize():f} in the ledger"

    def _orders_of_the_ledger(self) -> Iterator[str]:
        at_venue = {str(ticket) for ticket in self.venue.now.orders}
        numbers = {record.number for record in self.venue.now.orders.values()}
        doubts = self.doubts()
        for order in self.ledger.orders:
            name = f"order {order.client_order_id}"
            if order.venue_order_id and order.venue_order_id not in at_venue:
                if not order.venue_order_id.isdigit() or int(order.venue_order_id) <= self.venue.last_id:
                    yield f"{name} is not at the venue as {order.venue_order_id}"
            elif order.status in IN_DOUBT and order.number not in doubts:
                what = "and the venue has it" if order.number in numbers else "and the venue has never had it"
                yield f"{name} is still {order.status} after the quiet period, {what}"

    def _cut_fills(self) -> list[FillView]:
        return [f for f in self.ledger.fills if not f.execution_id.isdigit() or self._before(f.execution_id)]

    def _before(self, venue_id: str) -> bool:
        """Ids of the venue only grow: what is above the cut's last one came after it."""
        return int(venue_id) <= self.venue.last_id

    def _fills(self) -> Iterator[str]:
        deals = {str(deal.deal): deal for deal in self.venue.cut.deals.values()}
        fills = {fill.execution_id: fill for fill in self._cut_fills()}
        for missing in deals.keys() - fills.keys() - {str(deal) for deal in self.unbooked_in_doubt()}:
            deal = deals[missing]
            yield f"deal {missing} ({deal.side} {deal.volume} {deal.symbol}) is not booked"
        for extra in fills.keys() - deals.keys():
            yield f"fill {extra} is booked, the venue has no such deal"
        for both in fills.keys() & deals.keys():
            yield from self._fill(deals[both], fills[both])

    def _fill(self, deal: VenueDeal, fill: FillView) -> Iterator[str]:
        pairs = {
            "order": (str(deal.order), fill.venue_order_id),
            "instrument": (self.venue.instrument(deal.symbol), fill.instrument),
            "side": (deal.side, str(fill.side)),
            "volume": (deal.volume, fill.quantity),
            "price": (deal.price, fill.price),
            "profit": (deal.profit, fill.profit),
            "commission": (deal.commission, fill.commission),
            "swap": (deal.swap, fill.swap),
            "fee": (deal.fee, fill.fee),
        }
        for what, (theirs, ours) in pairs.items():
            if theirs != ours:
                yield f"deal {deal.deal}: {what} is {theirs} at the venue, {ours} in the ledger"

    def _cash(self) -> Iterator[str]:
        flows = {flow.movement_id: flow.amount for flow in self.ledger.flows}
        for deal, amount in self.venue.cut.deposits.items():
            if flows.get(str(deal)) != amount:
                yield f"deposit {deal} of {amount} is {flows.get(str(deal), 'missing')} in the ledger"
        doubtful = sum((deal.cash for deal in self.unbooked_in_doubt().values()), NOTHING)
        late_flows = sum((f.amount for f in self.ledger.flows if not self._before(f.movement_id)), NOTHING)
        booked = sum((fill.cash_change for fill in self._cut_fills()), NOTHING)
        ours = sum(flows.values(), NOTHING) - late_flows + booked
        if ours != self.venue.cut.cash - doubtful:
            yield f"cash is {self.venue.cut.cash - doubtful} at the venue, {ours:.2f} in the ledger"
        total = sum(flows.values(), NOTHING) + sum((f.cash_change for f in self.ledger.fills), NOTHING)
        if total != self.ledger.cash:
            yield f"the account's cash of {self.ledger.cash:.2f} is not the sum of its movements, {total:.2f}"

    def _positions(self) -> Iterator[str]:
        held = net_positions(
            (self.venue.instrument(s), lots) for s, lots in self.venue.cut.positions.values()
        )
        for deal in self.unbooked_in_doubt().values():
            name = self.venue.instrument(deal.symbol)
            held[name] = held.get(name, NOTHING) - deal.signed
        folded = net_positions((f.instrument, f.quantity * f.side.sign) for f in self._cut_fills())
        yield from unequal("position", "at the venue", held, "by the ledger's fills", folded)

    def _rows(self) -> Iterator[str]:
        """Compare the Position rows, net and by source, with the fold of all fills."""
        moves = [(("", f.instrument), f.quantity * f.side.sign) for f in self.ledger.fills]
        moves += [
            ((source, f.instrument), lots) for f in self.ledger.fills for source, lots in f.shares.items()
        ]
        folded = net_positions((" ".join(filter(None, key)), lots) for key, lots in moves)
        rows = net_positions((" ".join(filter(None, key)), lots) for key, lots in self.ledger.rows.items())
        yield from unequal("position row", "by the fills", folded, "in its row", rows)


def unequal(
    what: str, here: str, one: Mapping[str, Decimal], there: str, other: Mapping[str, Decimal]
) -> Iterator[str]:
    for name in sorted(one.keys() | other.keys()):
        left, right = one.get(name, NOTHING), other.get(name, NOTHING)
        if left != right:
            yield f"{what} {name} is {left.normalize():f} {here}, {right.normalize():f} {there}"
