"""Round trips: from nothing held to nothing held again, with what they made after costs.

A trip counts by its average prices, and its parts add up: the profits of all trips and of the one that is
still open are what a holding has realized, to the last digit. A fill that reverses a position ends one trip
and begins the next; its charges are split by lots, and its profit belongs to what it closes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from apps.portfolio.domain.holding import split_money

NOTHING = Decimal(0)
OPENS, CLOSES = "opens", "closes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """What one fill did to a source: signed lots, and money in the account's currency (costs negative).

    `profit` is what the venue booked for closed lots, `charges` commission and fees, `swap` is apart.
    """

    at: datetime
    by: Decimal
    price: Decimal
    profit: Decimal
    charges: Decimal
    swap: Decimal
    policy: str = ""

    @property
    def cash(self) -> Decimal:
        return self.profit + self.charges + self.swap


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """`opened` lots are signed; values are lots x price. `closed_at` is None while lots are held.

    `profit` is after costs and `costs` its part that is no price (negative), in the account's currency.
    `policy` is that of the fill that began it.
    """

    opened_at: datetime
    closed_at: datetime | None
    policy: str
    opened: Decimal
    held: Decimal
    entry_value: Decimal
    exit_value: Decimal
    profit: Decimal
    costs: Decimal

    @property
    def gained(self) -> Decimal:
        """What prices made, in lots x price, on a trip that is closed: before costs."""
        return (self.exit_value - self.entry_value) * (1 if self.opened > 0 else -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trips:
    closed: tuple[Trip, ...]
    open: Trip | None


def deal_of(
    source: str,
    *,
    at: datetime,
    price: Decimal,
    profit: Decimal,
    charges: Decimal,
    swap: Decimal,
    shares: Mapping[str, Decimal],
    policy: str = "",
) -> Deal:
    """Return a source's part of a fill. Its money is the part that its holding was booked."""
    if len(shares) == 1:
        by = shares[source]
        return Deal(at=at, by=by, price=price, profit=profit, charges=charges, swap=swap, policy=policy)
    cash = split_money(profit + charges + swap, shares)[source]
    own = {name: split_money(amount, shares)[source] for name, amount in (("c", charges), ("s", swap))}
    # Each piece is rounded by itself: what is left to the last digit is profit's, so that the sum is exact.
    rest = cash - own["c"] - own["s"]
    return Deal(
        at=at, by=shares[source], price=price, profit=rest, charges=own["c"], swap=own["s"], policy=policy
    )


def round_trips(deals: Iterable[Deal], *, held: Decimal = NOTHING) -> Trips:
    """Return the trips of deals, oldest first. `held` lots were there before the first deal.

    What was held before belongs to a trip whose beginning is not known: it is left out.
    """
    before, closed, current = held, [], None
    for deal in deals:
        for part in _parts(deal, before):
            known = current is not None or before == 0
            before += part.by
            if not known:
                continue
            current = _with(current, part)
            if before == 0:
                closed.append(replace(current, closed_at=part.at))
                current = None
    return Trips(closed=tuple(closed), open=current)


def returns_on_notional(trips: Sequence[Trip]) -> list[Decimal]:
    """Return what each closed trip of one account made after costs, as a share of the value it opened.

    Costs are account money and values are in the quote currency: the rate between them is the one at which
    the venue booked these trips' own profits, so an account's trips belong in one call.
    """
    booked = sum((abs(trip.profit - trip.costs) for trip in trips), NOTHING)
    gained = sum((abs(trip.gained) for trip in trips), NOTHING)
    # Where no price ever moved nothing was booked either, and a cost is a loss of whatever size.
    rate = booked / gained if booked and gained else Decimal(1)
    return [(trip.gained + trip.costs / rate) / abs(trip.entry_value) for trip in trips if trip.entry_value]


def _parts(deal: Deal, before: Decimal) -> tuple[Deal, ...]:
    """Return the deal as it is, or split where it goes through nothing held."""
    after = before + deal.by
    if before * after >= 0 or deal.by == 0:
        return (deal,)
    charges = split_money(deal.charges, {CLOSES: -before, OPENS: after})
    opening = replace(deal, by=after, profit=NOTHING, swap=NOTHING, charges=charges[OPENS])
    return replace(deal, by=-before, charges=charges[CLOSES]), opening


def _with(trip: Trip | None, deal: Deal) -> Trip:
    trip = trip or Trip(
        opened_at=deal.at,
        closed_at=None,
        policy=deal.policy,
        opened=NOTHING,
        held=NOTHING,
        entry_value=NOTHING,
        exit_value=NOTHING,
        profit=NOTHING,
        costs=NOTHING,
    )
    value = abs(deal.by) * deal.price
    opens = trip.held * deal.by >= 0
    return replace(
        trip,
        opened=trip.opened + (deal.by if opens else NOTHING),
        held=trip.held + deal.by,
        entry_value=trip.entry_value + (value if opens else NOTHING),
        exit_value=trip.exit_value + (NOTHING if opens else value),
        profit=trip.profit + deal.cash,
        costs=trip.costs + deal.charges + deal.swap,
    )
