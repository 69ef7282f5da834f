"""Whether an order is an entry or an exit, for the account and its source, and its reserved prices."""

from dataclasses import dataclass, replace
from decimal import Decimal

from apps.marketdata.domain.quote import Quote
from apps.portfolio.domain.book import Book, OpenOrder
from apps.portfolio.domain.order import OrderRequest, OrderStatus, OrderType, Side

NOTHING = Decimal(0)
PERSON, AGENT, ENFORCEMENT = "user:", "agent:", "enforcement:"


def is_person(source: str) -> bool:
    return source.startswith(PERSON)


def is_agent(source: str) -> bool:
    return source.startswith(AGENT)


def is_enforcement(source: str) -> bool:
    return source.startswith(ENFORCEMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """`closable` is how many lots an exit may have; None for orders that are entries everywhere."""

    account_entry: bool
    source_entry: bool
    closable: Decimal | None = None

    @property
    def escalates(self) -> bool:
        """Tell whether an agent's close adds to the account's net position."""
        return self.account_entry and not self.source_entry


def closable(book: Book, request: OrderRequest, *, source: str = "") -> Decimal:
    """Return the lots that the request may close after every other open reduction.

    An order in doubt on the same side may have filled already, so its quantity is taken off as well.
    """
    held = book.virtual_quantity(source, request.instrument) if source else book.quantity(request.instrument)
    taken = sum(
        (
            order.remaining
            for order in book.open_orders
            if order.instrument == request.instrument
            and order.side is request.side
            and (order.reduce_only or order.in_doubt)
            and source in {"", order.source}
        ),
        NOTHING,
    )
    return max(NOTHING, -held * request.side.sign - taken)


def classify(request: OrderRequest, book: Book) -> Intent:
    """Tell entry from exit. An exit that does not fit is still an exit here; a check denies it."""
    if not request.reduce_only:
        return Intent(account_entry=True, source_entry=True)
    at_account = closable(book, request)
    if not is_agent(request.source):
        return Intent(account_entry=False, source_entry=False, closable=at_account)
    own = closable(book, request, source=request.source)
    adds = at_account < request.quantity <= own
    return Intent(account_entry=adds, source_entry=False, closable=own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Prices that an order is counted at: the highest possible fill, and the worst one for us."""

    exposure: Decimal
    worst: Decimal


def _away(price: Decimal, collar: Decimal) -> Decimal:
    return collar * abs(price)


def reserve(request: OrderRequest, quote: Quote, *, collar: Decimal) -> Terms:
    """Return the reserved prices; `collar` is a share that already counts gaps where no bound is honoured."""
    price = request.price
    limit = price if request.order_type is OrderType.LIMIT else None
    if request.side is Side.BUY:
        if limit is not None:
            return Terms(exposure=limit, worst=limit)
        top = quote.ask if price is None else max(quote.ask, price)
        return Terms(exposure=top + _away(top, collar), worst=top + _away(top, collar))
    top = quote.bid if price is None else max(quote.bid, price)
    low = quote.bid if price is None else min(quote.bid, price)
    worst = limit if limit is not None else low - _away(low, collar)
    return Terms(exposure=top + _away(top, collar), worst=worst)


def own_part(book: Book, source: str) -> Book:
    """Return the source's part of a book: its virtual holdings and its orders, entries as it meant them."""
    return replace(
        book,
        holdings={name: held for (owner, name), held in book.virtual.items() if owner == source},
        open_orders=tuple(
            replace(order, is_entry=not order.reduce_only)
            for order in book.open_orders
            if order.source == source
        ),
    )


def candidate(request: OrderRequest, *, price: Decimal, margin: Decimal) -> OpenOrder:
    """Return the request as the open entry that it would be."""
    return OpenOrder(
        client_order_id="",
        source=request.source,
        instrument=request.instrument,
        side=request.side,
        order_type=request.order_type,
        remaining=request.quantity,
        price=price,
        margin=margin,
        reduce_only=False,
        status=OrderStatus.APPROVED,
        is_entry=True,
        ticket=request.ticket,
    )
