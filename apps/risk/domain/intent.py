"""Whether an order is an entry or an exit, for the account and its source, and its reserved prices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.marketdata.domain.quote import Quote
from apps.portfolio.domain.book import Book, OpenOrder
from apps.portfolio.domain.order import OrderRequest, OrderStatus, OrderType, Side
from apps.risk.domain.surroundings import Ticket

NOTHING = Decimal(0)
PERSON, TOKEN, AGENT, ENFORCEMENT = "user:", "token:", "agent:", "enforcement:"
# A stop or target of a position as an order of its own; legs of one bracket share their source.
PROTECTIVE = "protective:"


def is_person(source: str) -> bool:
    """Tell whether a person asks, by hand or through a client."""
    return source.startswith((PERSON, TOKEN))


def is_agent(source: str) -> bool:
    return source.startswith(AGENT)


def is_enforcement(source: str) -> bool:
    return source.startswith(ENFORCEMENT)


def is_protective(source: str) -> bool:
    return source.startswith(PROTECTIVE)


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


def closable(
    book: Book, request: OrderRequest, *, source: str = "", tickets: Sequence[Ticket] = ()
) -> Decimal:
    """Return the lots that the request may close, whatever becomes of every order that is under way.

    Taken off is what is open on the same side and reduces, what may have filled already (in doubt) and what
    fills at any moment (market orders, entries too: filling first, they would leave less to close). Legs of
    one bracket count as their largest. `tickets` are those of a hedging account: a request that names one
    may close that one, whatever the account's net position is, and nothing where it is not known.
    """
    by_ticket = bool(book.account.hedging and request.ticket and tickets)
    if by_ticket:
        held = sum((t.quantity for t in tickets if _is_named(t, request)), NOTHING)
    elif source:
        held = book.virtual_quantity(source, request.instrument)
    else:
        held = book.quantity(request.instrument)
    orders = (
        order
        for order in book.open_orders
        if order.instrument == request.instrument
        and order.side is request.side
        and source in {"", order.source}
        and _takes(order, request, by_ticket=by_ticket)
    )
    return max(NOTHING, -held * request.side.sign - _open_lots(orders))


def _is_named(ticket: Ticket, request: OrderRequest) -> bool:
    return ticket.ticket == request.ticket and ticket.instrument == request.instrument


def _takes(order: OpenOrder, request: OrderRequest, *, by_ticket: bool) -> bool:
    """Tell whether an open order of the same side may leave less of the position for the request."""
    if by_ticket:  # an entry opens a ticket of its own
        return order.reduce_only and order.ticket in {"", request.ticket}
    if is_protective(order.source) and not order.in_doubt:
        # A bracket is one reduction; enforcement cancels protective orders once flat is read back.
        return not is_enforcement(request.source) and order.source != request.source
    return order.reduce_only or order.in_doubt or order.order_type is OrderType.MARKET


def _open_lots(orders: Iterable[OpenOrder]) -> Decimal:
    """Add what is open, of each bracket its largest leg."""
    lots, brackets = NOTHING, dict[str, Decimal]()
    for order in orders:
        if is_protective(order.source):
            brackets[order.source] = max(brackets.get(order.source, NOTHING), order.remaining)
        else:
            lots += order.remaining
    return lots + sum(brackets.values(), NOTHING)


def classify(request: OrderRequest, book: Book, *, tickets: Sequence[Ticket] = ()) -> Intent:
    """Tell entry from exit. An exit that does not fit is still an exit here; a check denies it."""
    if not request.reduce_only:
        return Intent(account_entry=True, source_entry=True)
    at_account = closable(book, request, tickets=tickets)
    if not is_agent(request.source):
        return Intent(account_entry=False, source_entry=False, closable=at_account)
    own = closable(book, request, source=request.source)
    adds = request.quantity.is_finite() and at_account < request.quantity <= own
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
