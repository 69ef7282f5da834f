"""What a permit reads: quotes, specs and history before its transaction; rows of its own under the lock."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from apps.marketdata import clock, instruments, quotes
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.marketdata.errors import StoreUnavailable
from apps.portfolio.domain.book import Book
from apps.portfolio.domain.order import OrderRequest
from apps.portfolio.ledger import Place
from apps.risk import covariances
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.intent import is_agent
from apps.risk.domain.limits import RiskLimits
from apps.risk.domain.metrics import Covariance
from apps.risk.domain.surroundings import Figures, Surroundings
from apps.risk.review.measures import Measures, measure

log = logging.getLogger(__name__)
DESK = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """`latest` has quotes of any age: they are judged under the lock, when the order is."""

    specs: Mapping[str, InstrumentSpec]
    latest: Mapping[str, Quote]
    measures: Measures
    covariance: Covariance | None = None
    covariance_fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What was in force while the locks were held.

    `is_known` tells that the intent has an order already; `others` is how many other accounts take of the
    desk. `seen` names the orders on the other side that were judged, each with its terms. `uses` are the
    account's figures at the desk as they were written last, `own` those of the source on this account.
    """

    book: Book
    limits: RiskLimits
    levels: Mapping[str, BreakerLevel]
    epochs: Mapping[str, int]
    around: Surroundings
    place: Place
    is_known: bool = False
    others: int = 0
    seen: tuple[str, ...] = ()
    uses: Figures = field(default_factory=dict)
    own: Figures = field(default_factory=dict)

    @property
    def day_start(self) -> Decimal | None:
        return self.around.day_start


def before(request: OrderRequest) -> Before:
    """Read what needs other stores. Where one is down its part is missing, and checks deny by that."""
    specs = instruments.specs()
    try:
        latest = quotes.latest(specs)
    except StoreUnavailable as error:
        log.warning("permit goes on without quotes: %s", error)
        latest = {}
    covariance, fault = covariances.judged(clock.desk_now())
    return Before(
        specs=specs,
        latest=latest,
        measures=measure(request),
        covariance=covariance,
        covariance_fault=fault,
    )


def breaker_scopes(request: OrderRequest) -> tuple[str, ...]:
    own = (request.source,) if is_agent(request.source) else ()
    return (DESK, f"account:{request.account}", *own)


def limit_scopes(request: OrderRequest) -> tuple[str, ...]:
    """Return the scopes whose limits and buckets an order is judged by."""
    return (DESK, f"account:{request.account}", f"source:{request.source}")
