"""Which races are held, and what a round of each asks: all of it follows from the seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Literal

Kind = Literal["agent", "desk", "var", "account", "allowance"]
STEP = Decimal("0.01")
HARD_LOTS = Decimal(6)  # every limit raced for is the room of six lots
# Value at risk is rounded up order by order: its limit lies between two steps, so that no rounding decides.
HARD_VAR_LOTS = HARD_LOTS + STEP / 2
MOST = 12  # places in a round


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """So many orders on so many accounts, for the room of one limit; at accounts, one limit each."""

    kind: Kind
    orders: int
    accounts: int

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.orders}-on-{self.accounts}"

    @property
    def limits(self) -> int:
        """Return how many limits of six lots are raced for at once."""
        return self.accounts if self.kind == "account" else 1

    @property
    def is_exact(self) -> bool:
        """Tell whether exactly as many must pass as there is room for, or only never more."""
        return self.kind != "allowance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """`places`: how many orders of `lots` have room under one limit. Order n goes to `accounts[n]`."""

    number: int
    places: int
    lots: Decimal
    accounts: tuple[int, ...]


RACES: dict[Kind, tuple[Race, ...]] = {
    kind: tuple(
        Race(kind=kind, orders=orders, accounts=accounts)
        for orders in (16, 64)
        for accounts in ((16,) if kind == "allowance" else (1, 8))
    )
    for kind in ("account", "agent", "desk", "var", "allowance")
}


def rounds(race: Race, *, seed: int, count: int) -> Iterator[Round]:
    return (round_of(race, seed=seed, number=number) for number in range(count))


def round_of(race: Race, *, seed: int, number: int) -> Round:
    """Draw one round: the number of places, a size that leaves exactly as many, and who asks where."""
    chance = random.Random(f"{seed}/{race.name}/{number}")  # noqa: S311 - a drawn lot, not a secret
    each = race.orders // race.limits
    places = chance.randint(1, min(MOST, each - 1))
    accounts = [order % race.accounts for order in range(race.orders)]
    chance.shuffle(accounts)
    return Round(number=number, places=places, lots=_lots(places, chance), accounts=tuple(accounts))


def _lots(places: int, chance: random.Random) -> Decimal:
    """Return a size of which `places` orders fit into the limit and no more; the largest fills it wholly."""
    largest = (HARD_LOTS / places).quantize(STEP, ROUND_DOWN)
    smallest = (HARD_VAR_LOTS / (places + 1)).quantize(STEP, ROUND_DOWN) + STEP
    steps = int((largest - smallest) / STEP)
    return largest if chance.random() < 0.5 else smallest + STEP * chance.randint(0, max(0, steps))
