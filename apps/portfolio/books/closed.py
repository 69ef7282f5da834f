"""Closed round trips of a policy's version, or of a source that follows none."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.portfolio.domain.trips import Deal, Trip, deal_of, returns_on_notional, round_trips

# Bounds on what is read however long an account has traded: the newest fills of anybody in the instrument,
# and of those the newest of the source, which are enough for 250 trips of eight fills each.
LOOKED_AT, FILLS = 20_000, 2_000
# Only accounts of one environment: paper says nothing of live, nor live of paper.
_WHO = """
SELECT DISTINCT o.account_id, o.source FROM portfolio_order o
JOIN portfolio_account a ON a.id = o.account_id
WHERE {by} = %s AND o.instrument = %s AND a.environment = %s
"""
_FILLS = """
SELECT f.executed_at, f.price, f.profit, f.commission + f.fee, f.swap, f.shares, o.policy, p.quantity
FROM (
    SELECT * FROM portfolio_fill WHERE account_id = %s AND instrument = %s
    ORDER BY executed_at DESC, execution_id DESC LIMIT %s
) f
JOIN portfolio_order o ON o.id = f.order_id
LEFT JOIN portfolio_position p
    ON p.account_id = f.account_id AND p.instrument = f.instrument AND p.source = %s
WHERE f.shares ? %s
ORDER BY f.executed_at DESC, f.execution_id DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedTrips:
    """Returns on notional after costs, oldest first, of paper or of live accounts: never of both."""

    returns: tuple[Decimal, ...]
    is_paper: bool


def closed_trips(*, account: str, source: str, instrument: str, policy: str = "", last: int) -> ClosedTrips:
    """Return the last closed trips of a policy's version in an instrument, whoever followed it.

    Without a policy they are the source's own. Only accounts of the same environment count as `account`'s.
    """
    environment = _environment(account)
    found: list[tuple[datetime, Decimal]] = []
    for account_id, owner in _who(environment, source=source, policy=policy, instrument=instrument):
        closed = _closed(account_id, owner, instrument)
        trips = [trip for trip in closed if not policy or trip.policy == policy]
        ends = [trip.closed_at for trip in trips if trip.closed_at and trip.entry_value]
        found += zip(ends, returns_on_notional(trips), strict=True)
    found.sort(key=lambda ended: ended[0])
    return ClosedTrips(returns=tuple(gain for _, gain in found[-last:]), is_paper=environment == "paper")


def _environment(account: str) -> str:
    found = _rows("SELECT environment FROM portfolio_account WHERE slug = %s", [account])
    return str(found[0][0]) if found else "paper"  # an account that does not exist is denied elsewhere


def _who(environment: str, *, source: str, policy: str, instrument: str) -> list[tuple[int, str]]:
    statement = _WHO.format(by="o.policy" if policy else "o.source")
    return [(key, name) for key, name in _rows(statement, [policy or source, instrument, environment])]


def _closed(account_id: int, source: str, instrument: str) -> Sequence[Trip]:
    rows = _rows(_FILLS, [account_id, instrument, LOOKED_AT, source, source, FILLS])
    deals = [_deal(source, *row[:-1]) for row in reversed(rows)]
    now: Decimal = rows[0][-1] if rows and rows[0][-1] is not None else Decimal(0)
    before = now - sum((deal.by for deal in deals), Decimal(0))
    return round_trips(deals, held=before).closed


def _deal(source: str, *columns: Any) -> Deal:
    at, price, profit, charges, swap, shares, policy = columns
    return deal_of(
        source,
        at=at,
        price=price,
        profit=profit,
        charges=charges,
        swap=swap,
        shares={name: Decimal(lots) for name, lots in json.loads(shares).items()},
        policy=policy,
    )


def _rows(statement: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
    return rows
