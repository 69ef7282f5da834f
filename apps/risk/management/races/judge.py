"""Reads what a race left in the tables, by plain SQL on a connection of its own, and adds it up itself.

Nothing here calls the code that it judges: what has room is counted from orders, reservations and positions.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import NormalDist

import psycopg

from apps.risk.management.races.plan import Race, Round

_ORDERS = """
SELECT o.signal_key, o.status, a.slug FROM portfolio_order o JOIN portfolio_account a ON a.id = o.account_id
WHERE o.signal_key = ANY(%s)
"""
_OPEN = """
SELECT a.slug, o.source, o.quantity - o.filled, r.quantity, r.price
FROM portfolio_order o JOIN portfolio_account a ON a.id = o.account_id
LEFT JOIN portfolio_reservation r ON r.order_id = o.id
WHERE o.status NOT IN ('denied', 'filled', 'cancelled', 'rejected', 'expired', 'absent')
"""
_HELD = """
SELECT a.slug, p.quantity FROM portfolio_position p JOIN portfolio_account a ON a.id = p.account_id
WHERE p.source = '' AND p.quantity <> 0
"""
_COUNTED = "SELECT scope, metric, key, used FROM portfolio_scopeuse WHERE metric = ANY(%s)"
STOCKS = ["gross", "net_long", "position_long", "margin", "open_orders", "currency_long"]
UNIT = Decimal(100_000)
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What is wrong, in sentences; nothing where all is well."""

    misses: tuple[str, ...]
    approved: int
    denied: int


class Judge:
    """`money` is the limit of six lots in money, `risk` the value at risk of the limit, by kind of race."""

    def __init__(self, url: str, *, hard: Mapping[str, Decimal], mid: Decimal, daily: float) -> None:
        self._rows = psycopg.connect(url, autocommit=True)
        self._hard = hard
        self._of_one_lot = float(UNIT * mid) * daily * NormalDist().inv_cdf(0.99)

    def close(self) -> None:
        self._rows.close()

    def look(self, race: Race, asked: Round, keys: Sequence[str], said: Mapping[str, str]) -> Ruling:
        """Judge a round whose orders are still open. `said` is what each writer was told, by key."""
        rows = self._rows.execute(_ORDERS, [list(keys)]).fetchall()
        found = Counter(key for key, _, _ in rows)
        misses = [f"{found[key]} orders of one intent" for key in keys if found[key] != 1]
        for key, status, _ in rows:
            if said[key] != status:
                misses.append(f"a writer was told {said[key]}, and the row says {status}")
        passed = Counter(slug for _, status, slug in rows if status == "approved")
        misses += _places(race, asked, passed)
        misses += self._room(race)
        return Ruling(
            misses=tuple(misses),
            approved=passed.total(),
            denied=sum(status == "denied" for _, status, _ in rows),
        )

    def _room(self, race: Race) -> list[str]:
        """Add up everything open under the limit, whoever asked for it."""
        rows = self._rows.execute(_OPEN).fetchall()
        misses = [
            f"an order is open by {open_lots} lots and holds {held}"
            for _, _, open_lots, held, _ in rows
            if held != open_lots
        ]
        use: Counter[str] = Counter()
        lots, money = NOTHING, NOTHING
        for slug, _, _, held, price in rows:
            use[slug] += held
            lots, money = lots + held, money + held * UNIT * price
        for slug, quantity in self._rows.execute(_HELD).fetchall():
            misses.append(f"{slug} holds {quantity} lots that nobody filled")
        hard = self._hard[race.kind]
        over: Mapping[str, bool] = {
            "account": any(taken > hard for taken in use.values()),
            "agent": money > hard,
            "desk": money > hard,
            "allowance": money > hard,
            "var": float(lots) * self._of_one_lot > float(hard),
        }
        return [
            *misses,
            *([f"{lots} lots worth {money} are above the limit {hard}"] if over[race.kind] else []),
        ]

    def look_after(self) -> list[str]:
        """Judge what is left once every order of a round was taken back: no room held, nothing counted."""
        left = self._rows.execute(
            "SELECT count(*), sum(quantity) FROM portfolio_reservation WHERE quantity > 0"
        )
        row = left.fetchone()
        misses = [f"{row[0]} reservations are left over"] if row is not None and row[0] else []
        counted = self._rows.execute(_COUNTED, [STOCKS]).fetchall()
        misses += [f"{scope} {metric} {key} counts {used}" for scope, metric, key, used in counted if used]
        return misses

    def orders_of(self, key: str) -> int:
        """Return how many orders and reviews' verdicts there are of one intent."""
        return len(self._rows.execute(_ORDERS, [[key]]).fetchall())


def _places(race: Race, asked: Round, passed: Mapping[str, int]) -> list[str]:
    if race.kind == "account":
        slugs = [f"race-{number}" for number in range(race.accounts)]
        counts = {slug: passed.get(slug, 0) for slug in slugs}
    else:
        counts = {"all": sum(passed.values())}
    return [
        f"{count} passed where {asked.places} have room ({scope}, {asked.lots} lots each)"
        for scope, count in counts.items()
        if count > asked.places or (race.is_exact and count < asked.places)
    ]
