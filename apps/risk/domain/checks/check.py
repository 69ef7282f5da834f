"""What a check is, what it may look at, and what it finds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.portfolio.domain.book import Book, OpenOrder
from apps.portfolio.domain.order import OrderRequest
from apps.portfolio.domain.rates import convert
from apps.portfolio.errors import NoMark
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.intent import Intent, Terms, candidate, own_part, reserve
from apps.risk.domain.limits import Limit, Metric, RiskLimits, Unit
from apps.risk.domain.market import Market
from apps.risk.domain.surroundings import Surroundings
from apps.risk.domain.verdict import Breach

NOTHING = Decimal(0)


class Applies(StrEnum):
    ENTRIES = "entries"
    EXITS = "exits"
    BOTH = "both"


class At(StrEnum):
    """Whose room an entry check judges: an agent's close may yet add to the account's position."""

    ACCOUNT = "account"
    SOURCE = "source"
    DESK = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything a check may know. `levels` are those of the scopes that the order touches."""

    book: Book
    intent: Intent
    spec: InstrumentSpec
    specs: Mapping[str, InstrumentSpec]
    market: Market
    limits: RiskLimits
    levels: Mapping[At, BreakerLevel]
    now: datetime
    is_open: bool
    scopes: Mapping[At, str]
    minutes_to_close: float | None = None
    around: Surroundings = field(default_factory=Surroundings)

    def quote(self, instrument: str) -> Quote:
        """Return a good quote or raise NoMark."""
        found = self.market.good.get(instrument)
        if found is None:
            raise NoMark(instrument)
        return found

    def at(self, at: At, request: OrderRequest) -> Book:
        return own_part(self.book, request.source) if at is At.SOURCE else self.book

    def equity(self) -> Decimal:
        """Return the account's equity at closing prices."""
        return self.book.equity(self.market.good, self.specs)

    def terms(self, request: OrderRequest) -> Terms:
        """Return the reserved prices, with the collar counted as often as the venue may gap."""
        scope = self.scopes[At.ACCOUNT]
        collar = self.limits.one(scope, Metric.COLLAR, instrument=request.instrument)
        gap = self.limits.one(scope, Metric.GAP_FACTOR, instrument=request.instrument)
        return reserve(request, self.quote(request.instrument), collar=collar * gap)

    def candidate(self, request: OrderRequest) -> OpenOrder:
        """Return the order as an open entry, with its margin in the account's currency."""
        terms = self.terms(request)
        bare = candidate(request, price=terms.worst, margin=NOTHING)
        value = abs(self.book.order_value(bare, self.market.good, self.specs))
        margin = value * self.spec.margin_rate
        return candidate(request, price=terms.exposure, margin=margin)

    def order_value(self, request: OrderRequest) -> Decimal:
        return abs(self.book.order_value(self.candidate(request), self.market.good, self.specs))

    def after(self, at: At, request: OrderRequest, *, instrument: str = "") -> Book:
        """Return the scope's book with this order open, of one instrument alone where named."""
        book = self.at(at, request)
        book = replace(book, open_orders=(*book.open_orders, self.candidate(request)))
        if not instrument:
            return book
        return replace(
            book,
            holdings={name: held for name, held in book.holdings.items() if name == instrument},
            open_orders=tuple(order for order in book.open_orders if order.instrument == instrument),
        )

    def worst_loss(self, request: OrderRequest) -> Decimal:
        """Return what filling from mid to the worst price costs, as positive account money."""
        quote, terms = self.quote(request.instrument), self.terms(request)
        apart = (terms.worst - quote.mid) * request.side.sign
        lost = max(NOTHING, apart) * request.quantity * self.spec.contract_size
        return -convert(
            -lost,
            source=self.spec.quote_currency,
            target=self.book.account.currency,
            quotes=self.market.good,
        )

    def tightest(self, at: At, metric: Metric, request: OrderRequest) -> tuple[tuple[Limit, Decimal], ...]:
        """Return the limits to judge by with their figures. Raise MissingLimit when there is none."""
        scope = self.scopes[at]
        rows = self.limits.of(scope, metric, instrument=request.instrument)
        equity = self.equity() if any(row.unit is Unit.EQUITY for row in rows) else Decimal(1)
        picked = self.limits.tightest(scope, metric, instrument=request.instrument, equity=equity)
        return tuple((limit, limit.ceiling(equity)) for limit in picked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check saw. An empty `reason` passes; `soft` passes too, marks the review and alerts."""

    reason: str = ""
    value: Decimal | None = None
    limit: Decimal | None = None
    unit: str = ""
    text: str = ""
    soft: bool = False
    note: str = ""


PASSED = Finding()
Judge = Callable[[OrderRequest, Context], Finding]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One rule. `applies_to` and `at` say for which orders it is asked."""

    name: str
    applies_to: Applies
    judge: Judge
    at: At = At.ACCOUNT

    def concerns(self, intent: Intent) -> bool:
        is_entry = intent.source_entry if self.at is At.SOURCE else intent.account_entry
        if self.applies_to is Applies.BOTH:
            return True
        return is_entry if self.applies_to is Applies.ENTRIES else not is_entry

    def __call__(self, request: OrderRequest, context: Context) -> Breach | None:
        return self.breach(self.judge(request, context))

    def breach(self, found: Finding) -> Breach | None:
        if not found.reason:
            return None
        return Breach(
            check=self.name,
            reason=found.reason,
            value=found.value,
            limit=found.limit,
            unit=found.unit,
            text=found.text,
        )
