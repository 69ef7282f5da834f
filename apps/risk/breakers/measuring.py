"""What an account is worth for its breaker, and how good the marks are that say so."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings

from apps.marketdata import clock, instruments, quotes
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.marketdata.domain.sessions import trading_day
from apps.marketdata.errors import StoreUnavailable
from apps.portfolio import books
from apps.portfolio.domain.book import Book
from apps.portfolio.errors import NoMark, NoRate
from apps.risk.domain import market
from apps.risk.domain.market import STALE_QUOTE, Market

log = logging.getLogger(__name__)
AHEAD_WALL_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Quotes as they were read, and the desk time of the reading."""

    specs: Mapping[str, InstrumentSpec]
    market: Market
    now: datetime

    @property
    def day(self) -> date:
        return trading_day(self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Equity in the account's currency. With marks that are not good it is at the last known prices."""

    book: Book
    equity: Decimal
    flows: Decimal
    marks_good: bool


def look() -> Seen:
    """Read every quote once and judge it. A store that does not answer counts as no quotes."""
    specs, now = instruments.specs(), clock.desk_now()
    try:
        latest = quotes.latest(specs)
    except StoreUnavailable as error:
        log.warning("breakers are evaluated without quotes: %s", error)
        latest = {}
    judged = market.judge(
        latest,
        specs,
        now=now,
        stale_after=clock.stale_after(settings.MTQ_QUOTE_STALE_AFTER_S),
        ahead=timedelta(seconds=AHEAD_WALL_S * clock.speed()),
        specs=specs,
        rules=instruments.session_rules(),
    )
    return Seen(specs=specs, market=judged, now=now)


def value(account: str, seen: Seen) -> Worth | None:
    """Value an account: at good marks, else at the last known ones, else None. Raise UnknownAccount."""
    book = books.load(account)
    known = known_quotes(seen)
    for good, marks in ((True, seen.market.good), (False, known)):
        try:
            equity = book.equity(marks, seen.specs)
        except (NoMark, NoRate) as missing:
            log.debug("no worth of %s at %s marks: %s", account, "good" if good else "known", missing)
            continue
        return Worth(book=book, equity=equity, flows=flows_of(book), marks_good=good)
    return None


def flows_of(book: Book) -> Decimal:
    """Return all cash that no trade moved: what is there less what the fills of every instrument booked."""
    booked = sum((holding.realized for holding in book.holdings.values()), Decimal(0))
    return book.account.cash - booked


def known_quotes(seen: Seen) -> dict[str, Quote]:
    """Return good quotes and those that are merely old: they may raise a level, never lower it."""
    old = {
        name: seen.market.latest[name] for name, fault in seen.market.faults.items() if fault == STALE_QUOTE
    }
    return {**old, **seen.market.good}
