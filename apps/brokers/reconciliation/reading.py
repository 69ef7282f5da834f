"""One reading of a venue. Fills are read last, so that every position read has its fills."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from apps.brokers.connections import BrokerAdapter
from apps.marketdata import clock
from apps.portfolio.domain.report import CashMovement, ReportedFill
from apps.portfolio.domain.terms import Terms

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`positions` are net signed lots by instrument; `working` are orders that rest there, by our number.

    `begun_at` is the wall time before the first question; `equity` and `balance` are in `currency`.
    """

    begun_at: datetime
    balance: Decimal
    equity: Decimal
    currency: str
    positions: dict[str, Decimal]
    working: Mapping[int, Terms | None]  # as the venue shows them
    fills: tuple[ReportedFill, ...] = ()
    cash: tuple[CashMovement, ...] = ()
    has_history: bool = True  # False: this venue does not answer history by date, so cash cannot be explained

    @property
    def newest_at(self) -> datetime | None:
        return max((fill.executed_at for fill in self.fills), default=None)


async def read(session: BrokerAdapter, *, since: datetime) -> Reading:
    """Ask the venue for everything since a moment of desk time. Raise VenueUnavailable: no information."""
    begun_at = datetime.now(UTC)
    account = await session.account()
    working = {order.number: order.terms for order in await session.working_orders()}
    positions: dict[str, Decimal] = {}
    for position in await session.positions():
        positions[position.instrument] = positions.get(position.instrument, NOTHING) + position.quantity
    reading = Reading(
        begun_at=begun_at,
        balance=account.balance,
        equity=account.equity,
        currency=account.currency,
        positions=positions,
        working=working,
    )
    if not session.capabilities.history_by_date:
        return replace(reading, has_history=False)
    fills = tuple(await session.fills_since(since))
    return replace(reading, fills=fills, cash=tuple(await session.cash_since(since)))


def overlap() -> timedelta:
    """Return how far before the newest fill a reading begins: a minute, or 30 s of wall time if more."""
    return timedelta(seconds=max(60.0, 30.0 * clock.speed()))


async def clock_offset_s(session: BrokerAdapter) -> float:
    """Return by how many seconds of wall time the venue's clock is ahead of the desk's."""
    asked_at = clock.desk_now()
    venue_at = await session.venue_time()
    middle = asked_at + (clock.desk_now() - asked_at) / 2
    return (venue_at - middle).total_seconds() / max(clock.speed(), 1.0)
