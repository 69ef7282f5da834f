"""What one scope's books are worth and put at risk, in the desk's base currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from apps.portfolio.domain.book import Book, Quotes
from apps.portfolio.domain.rates import convert
from apps.portfolio.domain.use import uses
from apps.portfolio.errors import NoMark, NoRate
from apps.risk.breakers.measuring import Seen, flows_of, known_quotes
from apps.risk.domain import metrics
from apps.risk.domain.metrics import Covariance
from apps.risk.errors import NoCovariance

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """Sigma of one day with every open entry on its own added; None and a fault where it is not known."""

    sigma: Decimal | None = None
    fault: str = ""

    @property
    def var(self) -> Decimal | None:
        return None if self.sigma is None else metrics.parametric_var(self.sigma)

    @property
    def es(self) -> Decimal | None:
        return None if self.sigma is None else metrics.parametric_es(self.sigma)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What is held and open of a scope; `held` is netted by factor, `alone` one item for each open entry.

    `values` are signed and by instrument, positions alone.
    """

    gross: Decimal
    net: Decimal
    margin: Decimal
    held: dict[str, Decimal] = field(default_factory=dict)
    alone: tuple[dict[str, Decimal], ...] = ()
    values: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One scope. `equity` is None for a source, `exposure` without a good mark or rate for all.

    `rate` is one unit of an account's currency in the base currency.
    """

    open_orders: int
    equity: Decimal | None
    profit: Decimal | None
    exposure: Exposure | None
    risk: Risk
    marks_good: bool
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What readings of one round share."""

    seen: Seen
    covariance: Covariance | None
    covariance_fault: str
    base: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round read: its number ties the counters of entries that came since to it."""

    number: int
    began_at: datetime  # wall time
    ground: Ground
    readings: Mapping[str, Reading]


def read(books: Sequence[Book], ground: Ground, *, own_equity: bool) -> Reading:
    """Measure a scope: its accounts, or its part of each. What lacks a mark or rate is None with a fault."""
    good = ground.seen.market.good
    worth = _worth(books, good, ground)
    marks_good = worth is not None
    if worth is None:
        worth = _worth(books, known_quotes(ground.seen), ground)
    equity, profit, rate = worth or (None, None, None)
    exposure: Exposure | None = None
    try:
        exposure = _exposure(books, good, ground)
        risk = _risk(exposure, ground)
    except (NoMark, NoRate) as missing:
        risk = Risk(fault=f"{type(missing).__name__}: {missing}")
    return Reading(
        open_orders=sum(len(book.open_orders) for book in books),
        equity=equity if own_equity else None,
        profit=profit,
        exposure=exposure,
        risk=risk,
        marks_good=marks_good and exposure is not None,
        rate=rate,
    )


def _worth(books: Sequence[Book], quotes: Quotes, ground: Ground) -> tuple[Decimal, Decimal, Decimal] | None:
    """Return equity, what was won of it (realised and open profit), and the rate of the last book.

    None without a mark or rate for all.
    """
    equity, profit, rate = NOTHING, NOTHING, Decimal(1)
    try:
        for book in books:
            worth = book.equity(quotes, ground.seen.specs)
            rate = convert(
                Decimal(1), source=book.account.currency, target=ground.base, quotes=quotes, side="mid"
            )
            equity += worth * rate
            profit += (worth - flows_of(book)) * rate
    except (NoMark, NoRate):
        return None
    return equity, profit, rate


def _exposure(books: Sequence[Book], quotes: Quotes, ground: Ground) -> Exposure:
    specs, base = ground.seen.specs, ground.base
    figures = [uses(book, quotes, specs, currency=base) for book in books]
    entries = [order for book in books for order in book.open_entries()]

    def summed(name: str) -> Decimal:
        return sum((found.get(name, NOTHING) for found in figures), NOTHING)

    return Exposure(
        gross=summed("gross"),
        net=max(summed("net_long"), summed("net_short")),
        margin=summed("margin"),
        held=metrics.total(metrics.exposures(book, quotes, specs, base) for book in books),
        alone=tuple(metrics.order_exposures(order, quotes, specs, base) for order in entries),
        values=metrics.total(_values(book, quotes, ground) for book in books),
    )


def _values(book: Book, quotes: Quotes, ground: Ground) -> dict[str, Decimal]:
    own, base = book.account.currency, ground.base
    held = [name for name, holding in book.holdings.items() if holding.quantity]
    worth = {name: book.position_value(name, quotes, ground.seen.specs) for name in held}
    return {
        name: convert(value, source=own, target=base, quotes=quotes, side="mid")
        for name, value in worth.items()
    }


def _risk(exposure: Exposure, ground: Ground) -> Risk:
    if not any(exposure.held.values()) and not exposure.alone:
        return Risk(sigma=NOTHING)
    if ground.covariance is None:
        return Risk(fault=ground.covariance_fault)
    try:
        return Risk(sigma=metrics.limited(ground.covariance, exposure.held, others=exposure.alone))
    except (NoCovariance, ArithmeticError) as error:
        return Risk(fault=f"no_covariance: {error}")
