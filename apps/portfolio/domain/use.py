"""What a book takes of each figure that several accounts may share, the worst of its open orders included.

A figure is named by its metric, and by the instrument or currency that it counts alone: `gross`,
`gross|EURUSD`, `currency_long|EUR`. Nothing nets across accounts, so figures of several books are added.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from apps.marketdata.domain.instrument import InstrumentSpec
from apps.portfolio.domain.book import Book, OpenOrder, Quotes, Specs
from apps.portfolio.domain.order import Side
from apps.portfolio.domain.rates import convert
from apps.portfolio.errors import NoMark

NOTHING = Decimal(0)
Figures = dict[str, Decimal]


def figure(metric: str, key: str = "") -> str:
    """Name a figure."""
    return f"{metric}|{key}" if key else metric


def of_day(metric: str, day: date, key: str = "") -> str:
    """Name a figure that counts one trading day alone: `entries_day@2026-01-07|EURUSD`."""
    return figure(f"{metric}@{day.isoformat()}", key)


def of_now(name: str, day: date) -> str:
    """Return the plain name of a figure, empty where it counts another trading day."""
    metric, bar, key = name.partition("|")
    plain, at, counted = metric.partition("@")
    return "" if at and counted != day.isoformat() else f"{plain}{bar}{key}"


def of_that_day(figures: Mapping[str, Decimal], day: date) -> Figures:
    """Return the figures that count this trading day; those of other days are over."""
    ending = f"@{day.isoformat()}"
    return {name: amount for name, amount in figures.items() if name.partition("|")[0].endswith(ending)}


def texts(figures: Mapping[str, Decimal]) -> dict[str, str]:
    """Write figures as JSON keeps exact numbers, without zeros that mean nothing."""
    return {name: exact_text(amount) for name, amount in figures.items()}


def exact_text(amount: Decimal) -> str:
    """Write a number plainly, every digit of it but zeros that mean nothing."""
    text = f"{amount:f}"  # not normalize(), which rounds to the context's digits
    return text.rstrip("0").rstrip(".") if "." in text else text


def uses(book: Book, quotes: Quotes, specs: Specs, *, currency: str) -> Figures:
    """Return every figure of a book that is not nought, money in `currency`. Raise NoMark, NoRate.

    `position_long|I`, `position_short|I` are lots, `open_orders` a count; all others are money: `gross`,
    `net_long`, `net_short`, `margin`, each also by instrument, and `currency_long|C`, `currency_short|C`.
    """
    found: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    for name, amount in _parts(book, quotes, specs, currency):
        found[name] += amount
    return {name: amount for name, amount in found.items() if amount}


def is_pair(spec: InstrumentSpec) -> bool:
    """Tell whether an instrument is one currency (or metal) against another."""
    return spec.name == spec.base_currency + spec.quote_currency


def _parts(book: Book, quotes: Quotes, specs: Specs, currency: str) -> Iterator[tuple[str, Decimal]]:
    own = book.account.currency

    def shown(amount: Decimal) -> Decimal:
        # Converted as if owed: of two rates the one that makes an exposure larger.
        worth = -convert(-abs(amount), source=own, target=currency, quotes=quotes)
        return worth.copy_sign(amount)

    names = sorted(
        {held.instrument for held in book.holdings.values() if held.quantity}
        | {order.instrument for order in book.open_orders}
    )
    held = {name: shown(book.position_value(name, quotes, specs)) for name in names}
    opened = [(order, shown(book.order_value(order, quotes, specs))) for order in book.open_entries()]
    yield from _net("net", held, opened)
    for name in names:
        mine = [(order, worth) for order, worth in opened if order.instrument == name]
        gross = abs(held[name]) + sum((abs(worth) for _, worth in mine), NOTHING)
        yield from ((figure("gross", at), gross) for at in ("", name))
        yield from _net("net", {name: held[name]}, mine, key=name)
        margin = shown(_margin(book, name, quotes, specs))
        yield from ((figure("margin", at), margin) for at in ("", name))
        yield figure("position_long", name), book.worst_long(name)
        yield figure("position_short", name), book.worst_short(name)
        count = Decimal(sum(order.instrument == name for order in book.open_orders))
        yield from ((figure("open_orders", at), count) for at in ("", name))
    yield from _by_currency(book, quotes, specs, currency)


def _net(
    metric: str, held: Mapping[str, Decimal], opened: list[tuple[OpenOrder, Decimal]], *, key: str = ""
) -> Iterator[tuple[str, Decimal]]:
    now = sum(held.values(), NOTHING)
    yield from _worst(metric, now, [worth for _, worth in opened], key)


def _worst(metric: str, now: Decimal, opened: list[Decimal], key: str) -> Iterator[tuple[str, Decimal]]:
    rises = sum((worth for worth in opened if worth > 0), NOTHING)
    falls = sum((worth for worth in opened if worth < 0), NOTHING)
    yield figure(f"{metric}_long", key), max(NOTHING, now + rises)
    yield figure(f"{metric}_short", key), max(NOTHING, -(now + falls))


def _margin(book: Book, name: str, quotes: Quotes, specs: Specs) -> Decimal:
    held = abs(book.position_value(name, quotes, specs)) * _spec(name, specs).margin_rate
    return held + sum((o.margin for o in book.open_entries() if o.instrument == name), NOTHING)


def _by_currency(book: Book, quotes: Quotes, specs: Specs, currency: str) -> Iterator[tuple[str, Decimal]]:
    now: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    opened: defaultdict[str, list[Decimal]] = defaultdict(list)
    for name, holding in book.holdings.items():
        if holding.quantity:
            mark = quotes.get(name)
            if mark is None:
                raise NoMark(name)
            profit = book.profit_of(holding, quotes, specs)
            for code, amount in legs(_spec(name, specs), holding.quantity, mark.mid, profit):
                now[code] += _exposed(amount, code, currency, quotes)
    for order in book.open_entries():
        signed = order.remaining * (1 if order.side is Side.BUY else -1)
        for code, amount in legs(_spec(order.instrument, specs), signed, order.price, NOTHING):
            opened[code].append(_exposed(amount, code, currency, quotes))
    for code in sorted({*now, *opened} - {currency}):
        yield from _worst("currency", now[code], opened[code], code)


def legs(
    spec: InstrumentSpec, lots: Decimal, price: Decimal, profit: Decimal
) -> tuple[tuple[str, Decimal], ...]:
    """Return what an amount of an instrument is in each currency, in units of that currency.

    A pair is long its base and short its quote currency; of anything else only `profit`, in the quote
    currency, is exposed to a rate.
    """
    if not is_pair(spec):
        return ((spec.quote_currency, profit),)
    units = lots * spec.contract_size
    return (spec.base_currency, units), (spec.quote_currency, -units * price)


def _exposed(amount: Decimal, code: str, currency: str, quotes: Quotes) -> Decimal:
    if code == currency:
        return NOTHING  # money of the scope's own currency is exposed to no rate
    worth = -convert(-abs(amount), source=code, target=currency, quotes=quotes)
    return worth.copy_sign(amount)


def _spec(name: str, specs: Specs) -> InstrumentSpec:
    spec = specs.get(name)
    if spec is None:
        raise NoMark(name)
    return spec
