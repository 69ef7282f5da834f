"""What tickets that face each other take of an account beside its net positions: netting would hide it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from apps.portfolio.domain.book import Book, Quotes, Specs
from apps.portfolio.domain.rates import convert
from apps.portfolio.domain.use import figure
from apps.portfolio.errors import NoMark

NOTHING = Decimal(0)
Lots = tuple[str, Decimal]  # an instrument, and the signed lots of one ticket of it
Hedged = Mapping[str, Decimal]


def hedged(book: Book, tickets: Iterable[Lots], quotes: Quotes, specs: Specs) -> Hedged:
    """Return what tickets add to `gross` and `margin` of the net positions, in the account's currency.

    Gross counts every ticket, margin the larger leg of an instrument. Raise NoMark, NoRate.
    """
    longs: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    shorts: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    for name, lots in tickets:
        side = longs if lots > 0 else shorts
        side[name] += abs(lots)
    found: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    for name in sorted({*longs} & {*shorts}):
        net = abs(book.quantity(name))
        every = max(NOTHING, longs[name] + shorts[name] - net)
        larger = max(NOTHING, max(longs[name], shorts[name]) - net)
        worth, rate = _lot(book, name, quotes, specs)
        for key in ("", name):
            found[figure("gross", key)] += every * worth
            found[figure("margin", key)] += larger * worth * rate
    return dict(found)


def _lot(book: Book, name: str, quotes: Quotes, specs: Specs) -> tuple[Decimal, Decimal]:
    """Return what one lot is worth at mid, never too small, and its margin rate."""
    quote, spec = quotes.get(name), specs.get(name)
    if quote is None or spec is None:
        raise NoMark(name)
    value = -abs(quote.mid * spec.contract_size)
    worth = -convert(value, source=spec.quote_currency, target=book.account.currency, quotes=quotes)
    return worth, spec.margin_rate
