"""What desk, accounts and sources take of each limited figure now. What nobody can tell is None."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from django.conf import settings

from apps.marketdata import clock, instruments, quotes
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.marketdata.domain.sessions import trading_day
from apps.marketdata.errors import MarketDataError
from apps.portfolio import overview as holdings
from apps.portfolio.domain.book import Book
from apps.portfolio.domain.rates import convert
from apps.portfolio.domain.use import figure, uses
from apps.portfolio.errors import NoMark, NoRate
from apps.risk.domain.intent import is_enforcement
from apps.risk.models import BreakerState

NOTHING, ONE = Decimal(0), Decimal(1)
DESK, ACCOUNT, SOURCE = "desk", "account:", "source:"
NOT_OURS = ("external",)
Figures = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What one scope takes, figure by figure as `portfolio.domain.use` names them, money in `currency`.

    Lots and counts need no quote and are always there. `missing` says why
    figures of money are not known, empty where they are; `equity` and `day_loss` are None with it.
    `drawdown` is None where nobody measures it. `base_rate` is what one unit of the base currency, in which
    gauges measure, counts for in `currency`: never too little, None without a fresh rate.
    """

    scope: str
    currency: str
    figures: Figures = field(default_factory=dict)
    missing: str = ""
    equity: Decimal | None = None
    day_start: Decimal | None = None
    drawdown: Decimal | None = None
    base_rate: Decimal | None = ONE

    def of_base(self, amount: Decimal | None) -> Decimal | None:
        """Return an amount that was measured in the base currency in the scope's own."""
        return None if amount is None or self.base_rate is None else amount * self.base_rate

    @property
    def day_loss(self) -> Decimal | None:
        if self.equity is None or self.day_start is None:
            return None
        return max(NOTHING, self.day_start - self.equity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Specs and the good quotes of one moment; none where the store does not answer."""

    specs: Mapping[str, InstrumentSpec]
    quotes: Mapping[str, Quote]
    day: date


def look() -> Market:
    """Read the market as it can be relied on now. A store that does not answer counts as no quotes."""
    try:
        now, specs = clock.desk_now(), instruments.specs()
        return Market(specs=specs, quotes=quotes.fresh(specs, now=now), day=trading_day(now))
    except MarketDataError:
        return Market(specs={}, quotes={}, day=trading_day(datetime.now(UTC)))


def all_uses() -> dict[str, Use]:
    """Return the use of the desk, of every account, and of every source that holds or asks for something."""
    market = look()
    books = holdings.books_of_all()
    counted = holdings.counted(day=market.day)
    states = {state.scope: state for state in BreakerState.objects.all()}
    base = settings.MTQ_BASE_CURRENCY
    found = [_of_account(book, market, states, base) for book in books.values()]
    found.append(_of_desk(books, market, states, base))
    found += [_of_source(source, books, market, states, base) for source in sorted(_sources(books, counted))]
    return {use.scope: _with_counted(use, counted.get(use.scope, {}), market, base) for use in found}


def _with_counted(use: Use, counted: Figures, market: Market, base: str) -> Use:
    """Put in what the permit counts, in the base currency: it is what the next order is judged by."""
    if use.currency == base or not counted:
        return replace(use, figures={**use.figures, **counted})
    added, missing = {}, ""
    for name, amount in counted.items():
        try:
            is_money = name.startswith("value_day")
            added[name] = _owed(amount, base, use.currency, market) if is_money else amount
        except NoRate as error:
            missing = str(error)
    return replace(use, figures={**use.figures, **added}, missing=use.missing or missing)


def _owed(amount: Decimal, source: str, target: str, market: Market) -> Decimal:
    """Convert what is counted against a limit: of two rates the one that makes it larger."""
    return -convert(-amount, source=source, target=target, quotes=market.quotes)


def _sources(books: Mapping[str, Book], counted: Mapping[str, Figures]) -> set[str]:
    named = {scope.removeprefix(SOURCE) for scope in counted if scope.startswith(SOURCE)}
    for book in books.values():
        named |= book.sources()
    return {name for name in named if not is_enforcement(name) and name not in NOT_OURS}


def _of_account(book: Book, market: Market, states: Mapping[str, BreakerState], base: str) -> Use:
    scope = f"{ACCOUNT}{book.account.slug}"
    state = states.get(scope)
    figures, equity, missing = _measured(book, market, book.account.currency)
    return Use(
        scope=scope,
        currency=book.account.currency,
        figures=figures,
        missing=missing,
        equity=equity,
        day_start=state.day_start if state else None,
        drawdown=state.drawdown if state and state.evaluated_at else None,
        base_rate=_rate(base, book.account.currency, market),
    )


def _rate(source: str, target: str, market: Market) -> Decimal | None:
    try:
        return _owed(ONE, source, target, market)
    except NoRate:
        return None


def _measured(book: Book, market: Market, currency: str) -> tuple[Figures, Decimal | None, str]:
    """Return figures and equity of a book in a currency, or its lots and counts and what is missing."""
    try:
        equity = book.equity(market.quotes, market.specs)
        worth = convert(
            equity, source=book.account.currency, target=currency, quotes=market.quotes, side="mid"
        )
        return uses(book, market.quotes, market.specs, currency=currency), worth, ""
    except (NoMark, NoRate) as missing:
        return _countable(book), None, str(missing)


def _countable(book: Book) -> Figures:
    """Return lots and numbers of orders: they need no price."""
    found = {figure("open_orders"): Decimal(len(book.open_orders))}
    names = {name for name, held in book.holdings.items() if held.quantity}
    for name in names | {order.instrument for order in book.open_orders}:
        found[figure("position_long", name)] = book.worst_long(name)
        found[figure("position_short", name)] = book.worst_short(name)
        count = sum(order.instrument == name for order in book.open_orders)
        found[figure("open_orders", name)] = Decimal(count)
    return found


def _of_desk(books: Mapping[str, Book], market: Market, states: Mapping[str, BreakerState], base: str) -> Use:
    """Add up all accounts in the base currency: nothing nets across them."""
    parts = [_measured(book, market, base) for book in books.values()]
    missing = next((why for _, _, why in parts if why), "")
    figures = _added([found for found, _, _ in parts])
    state = states.get(DESK)
    return Use(
        scope=DESK,
        currency=base,
        figures=figures if not missing else _without_money(figures),
        missing=missing,
        equity=None if missing else sum((worth or NOTHING for _, worth, _ in parts), NOTHING),
        day_start=None if missing else _day_start(books, market, states, base),
        drawdown=state.drawdown if state and state.evaluated_at else None,
    )


def _day_start(
    books: Mapping[str, Book], market: Market, states: Mapping[str, BreakerState], base: str
) -> Decimal | None:
    """Return the accounts' equity at the day roll together, None where one has none yet."""
    total = NOTHING
    for slug, book in books.items():
        state = states.get(f"{ACCOUNT}{slug}")
        if state is None or state.day_start is None:
            return None
        try:
            total += convert(
                state.day_start,
                source=book.account.currency,
                target=base,
                quotes=market.quotes,
                side="mid",
            )
        except NoRate:
            return None
    return total


def _of_source(
    source: str,
    books: Mapping[str, Book],
    market: Market,
    states: Mapping[str, BreakerState],
    base: str,
) -> Use:
    """Add up what a source holds and asks for in every account, in the base currency."""
    parts = []
    for book in books.values():
        own = book.part_of(source)
        if own.open_orders or any(held.quantity for held in own.holdings.values()):
            parts.append(_measured(own, market, base))
    missing = next((why for _, _, why in parts if why), "")
    figures = _added([found for found, _, _ in parts])
    state = states.get(source)
    return Use(
        scope=f"{SOURCE}{source}",
        currency=base,
        figures=figures if not missing else _without_money(figures),
        missing=missing,
        drawdown=state.drawdown if state and state.evaluated_at else None,
    )


def _added(parts: list[Figures]) -> Figures:
    total: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    for figures in parts:
        for name, amount in figures.items():
            total[name] += amount
    return dict(total)


def _without_money(figures: Figures) -> Figures:
    """Keep lots and counts: a sum of money that lacks one account is no figure."""
    kept = ("position_long", "position_short", "open_orders")
    return {name: amount for name, amount in figures.items() if name.split("|")[0] in kept}
