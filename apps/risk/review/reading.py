"""What a permit reads: quotes, specs and history before its transaction; rows of its own under the lock."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from apps.marketdata import instruments, quotes
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.marketdata.errors import StoreUnavailable
from apps.portfolio import books
from apps.portfolio.domain.book import Book
from apps.portfolio.domain.order import OrderRequest
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.intent import is_agent
from apps.risk.domain.limits import RiskLimits
from apps.risk.review import inforce
from apps.risk.review.measures import Measures, measure

log = logging.getLogger(__name__)
DESK = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """`latest` has quotes of any age: they are judged under the lock, when the order is."""

    specs: Mapping[str, InstrumentSpec]
    latest: Mapping[str, Quote]
    measures: Measures


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What was in force while the lock was held. `day_start` is the account's equity at the day roll."""

    book: Book
    limits: RiskLimits
    levels: Mapping[str, BreakerLevel]
    epochs: Mapping[str, int]
    day_start: Decimal | None


def before(request: OrderRequest) -> Before:
    """Read what needs other stores. Where one is down its part is missing, and checks deny by that."""
    specs = instruments.specs()
    try:
        latest = quotes.latest(specs)
    except StoreUnavailable as error:
        log.warning("permit goes on without quotes: %s", error)
        latest = {}
    return Before(specs=specs, latest=latest, measures=measure(request))


def under_lock(request: OrderRequest) -> Rows:
    """Read the book and risk's own rows. Call it after the lock, as later statements.

    Raise UnknownAccount.
    """
    book = books.load(request.account)
    return _rows(request, book, inforce.read(breaker_scopes(request), instrument=request.instrument))


def without_lock(request: OrderRequest) -> Rows:
    """Read the same and write nothing, for a preview. Raise UnknownAccount."""
    book = books.load(request.account)
    return _rows(request, book, inforce.look(breaker_scopes(request), instrument=request.instrument))


def _rows(request: OrderRequest, book: Book, found: inforce.InForce) -> Rows:
    return Rows(
        book=book,
        limits=found.limits,
        levels={scope: standing.level for scope, standing in found.standings.items()},
        epochs={scope: standing.epoch for scope, standing in found.standings.items()},
        day_start=found.standings[f"account:{request.account}"].day_start,
    )


def breaker_scopes(request: OrderRequest) -> tuple[str, ...]:
    own = (request.source,) if is_agent(request.source) else ()
    return (DESK, f"account:{request.account}", *own)
