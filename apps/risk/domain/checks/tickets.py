"""Tickets of a hedging account: what faces each other still counts, and FIFO says which may be closed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from apps.portfolio.domain.book import Book, Quotes, Specs
from apps.portfolio.domain.rates import convert
from apps.portfolio.domain.use import figure
from apps.portfolio.errors import NoMark
from apps.risk.domain.surroundings import Ticket

NOTHING = Decimal(0)
Hedged = Mapping[str, Decimal]


def hedged(book: Book, tickets: Sequence[Ticket], quotes: Quotes, specs: Specs) -> Hedged:
    """Return what tickets add to `gross` and `margin` of the net positions, in the account's currency.

    Gross counts every ticket, margin the larger leg of an instrument. Raise NoMark, NoRate.
    """
    longs: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    shorts: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    for ticket in tickets:
        side = longs if ticket.quantity > 0 else shorts
        side[ticket.instrument] += abs(ticket.quantity)
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


def fifo(tickets: Sequence[Ticket], *, ticket: str, instrument: str, quantity: Decimal, sign: int) -> str:
    """Return which ticket may be closed where the one that is named may not, or nothing where it may.

    `tickets` are oldest first, `sign` is the order's side. Allowed is the oldest of the instrument, the
    oldest of exactly that size, and any where the order closes all of it.
    """
    held = [t for t in tickets if t.instrument == instrument and t.quantity * sign < 0]
    if not held:
        return "none"
    if quantity >= sum((abs(t.quantity) for t in held), NOTHING):
        return ""
    of_size = next((t for t in held if abs(t.quantity) == quantity), None)
    allowed = {held[0].ticket} | ({of_size.ticket} if of_size else set())
    return "" if ticket in allowed else (of_size or held[0]).ticket
