"""What a book is exposed to, by factor of the covariance, in money of the base currency."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from apps.marketdata.domain.instrument import InstrumentSpec
from apps.portfolio.domain.book import Book, OpenOrder, Quotes, Specs
from apps.portfolio.domain.rates import convert
from apps.portfolio.domain.use import is_pair, legs
from apps.portfolio.errors import NoMark

NOTHING = Decimal(0)
Exposures = Mapping[str, Decimal]


def currency(code: str) -> str:
    """Name the factor of a currency against the base currency."""
    return f"currency|{code}"


def instrument(name: str) -> str:
    """Name the factor of an instrument in its quote currency."""
    return f"instrument|{name}"


def exposures(book: Book, quotes: Quotes, specs: Specs, base: str) -> dict[str, Decimal]:
    """Return what the positions are exposed to at mid, netted by factor. Raise NoMark, NoRate.

    A pair is long its base and short its quote currency; anything else is its signed value in its own factor
    and its open profit in its quote currency. The base currency itself is left out.
    """
    currencies: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    values: dict[str, Decimal] = {}
    for name, held in book.holdings.items():
        if held.quantity:
            spec, quote = _spec(name, specs), quotes.get(name)
            if quote is None:
                raise NoMark(name)
            profit = book.profit_of(held, quotes, specs)
            for code, amount in legs(spec, held.quantity, quote.mid, profit):
                currencies[code] += amount
            if not is_pair(spec):
                values[name] = held.quantity * spec.contract_size * quote.mid
    return _in_base(currencies, values, quotes, specs, base)


def order_exposures(order: OpenOrder, quotes: Quotes, specs: Specs, base: str) -> dict[str, Decimal]:
    """Return what filling an open order at its reserved price would add. Raise NoMark, NoRate."""
    spec, lots = _spec(order.instrument, specs), order.remaining * order.side.sign
    amounts = dict(legs(spec, lots, order.price, NOTHING))
    values = {} if is_pair(spec) else {order.instrument: lots * spec.contract_size * order.price}
    return _in_base(amounts, values, quotes, specs, base)


def total(parts: Iterable[Exposures]) -> dict[str, Decimal]:
    """Add exposures by factor."""
    summed: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    for part in parts:
        for factor, amount in part.items():
            summed[factor] += amount
    return dict(summed)


def _in_base(
    currencies: Mapping[str, Decimal], values: Mapping[str, Decimal], quotes: Quotes, specs: Specs, base: str
) -> dict[str, Decimal]:
    found = {
        currency(code): _exposed(amount, code, base, quotes)
        for code, amount in currencies.items()
        if amount and code != base
    }
    for name, value in values.items():
        found[instrument(name)] = _exposed(value, _spec(name, specs).quote_currency, base, quotes)
    return found


def _exposed(amount: Decimal, code: str, base: str, quotes: Quotes) -> Decimal:
    # Converted as if owed: of two rates the one that makes an exposure larger.
    worth = -convert(-abs(amount), source=code, target=base, quotes=quotes)
    return worth.copy_sign(amount)


def _spec(name: str, specs: Specs) -> InstrumentSpec:
    spec = specs.get(name)
    if spec is None:
        raise NoMark(name)
    return spec
