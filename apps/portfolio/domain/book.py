"""Everything an account holds and has asked for, at one moment, with what it is worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.portfolio.domain.holding import Holding
from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from apps.portfolio.domain.rates import convert
from apps.portfolio.errors import NoMark, NoRate

__all__ = ["AccountView", "Book", "NoMark", "NoRate", "OpenOrder", "OpenTicket"]

NOTHING = Decimal(0)
Quotes = Mapping[str, Quote]
Specs = Mapping[str, InstrumentSpec]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """`entries_blocked` is the reason why nothing that adds risk may be sent, or empty.

    Orders of one `owner` at one `venue` may not meet each other; `pack` names the rules of its regulator.
    `venue_equity` is the account's equity as the venue last told it, in `currency`; None where it never did.
    """

    slug: str
    currency: str
    cash: Decimal
    leverage: Decimal
    hedging: bool
    enabled: bool
    entries_blocked: str = ""
    owner: str = "desk"
    venue: str = ""
    pack: str = "professional"
    venue_equity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """An order that holds room. `price` is the reserved one in the quote currency, `margin` account money.

    `in_doubt`: nobody knows whether the venue has it (UNKNOWN, or SENDING after its lease).
    """

    client_order_id: str
    source: str
    instrument: str
    side: Side
    order_type: OrderType
    remaining: Decimal
    price: Decimal
    margin: Decimal
    reduce_only: bool
    status: OrderStatus
    is_entry: bool
    ticket: str = ""
    in_doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTicket:
    """One open position of a venue that keeps them apart: signed lots, and the price it was opened at."""

    instrument: str
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """`holdings` are net per instrument, `virtual` per (source, instrument); their sums agree.

    `tickets` are those of a hedging account: what they have won is open until each is closed, although
    opposite ones net. Figures are in the account's currency and raise NoMark or NoRate rather than guess.
    """

    account: AccountView
    holdings: Mapping[str, Holding] = field(default_factory=dict)
    virtual: Mapping[tuple[str, str], Holding] = field(default_factory=dict)
    open_orders: tuple[OpenOrder, ...] = ()
    tickets: tuple[OpenTicket, ...] = ()

    def quantity(self, instrument: str) -> Decimal:
        """Return the account's signed lots."""
        holding = self.holdings.get(instrument)
        return holding.quantity if holding else NOTHING

    def virtual_quantity(self, source: str, instrument: str) -> Decimal:
        """Return a source's signed lots."""
        holding = self.virtual.get((source, instrument))
        return holding.quantity if holding else NOTHING

    def equity(self, quotes: Quotes, specs: Specs) -> Decimal:
        return self.account.cash + self.open_profit(quotes, specs)

    def open_profit(self, quotes: Quotes, specs: Specs) -> Decimal:
        """Return profit at closing prices, longs at the bid, shorts at the ask; by ticket if hedging."""
        total = NOTHING
        for holding in self.tickets or self._held():
            source = _spec(holding.instrument, specs).quote_currency
            profit = self.profit_of(holding, quotes, specs)
            total += convert(profit, source=source, target=self.account.currency, quotes=quotes)
        return total

    def profit_of(self, holding: Holding | OpenTicket, quotes: Quotes, specs: Specs) -> Decimal:
        """Return the open profit of a holding or ticket at its closing price, in its quote currency."""
        quote, spec = _mark(holding.instrument, quotes), _spec(holding.instrument, specs)
        closing = quote.bid if holding.quantity > 0 else quote.ask
        opened = holding.price if isinstance(holding, OpenTicket) else holding.average_price
        return (closing - opened) * holding.quantity * spec.contract_size

    def position_value(self, instrument: str, quotes: Quotes, specs: Specs) -> Decimal:
        """Return the signed value of the account's position at mid; converted so that it is not too small."""
        lots = self.quantity(instrument)
        if not lots:
            return NOTHING
        return self._value(instrument, lots, _mark(instrument, quotes).mid, quotes, specs)

    def gross(self, quotes: Quotes, specs: Specs) -> Decimal:
        """Return positions at mid plus open entries at their reserved prices, all as absolute values."""
        held = (abs(self.position_value(h.instrument, quotes, specs)) for h in self._held())
        opened = (abs(self.order_value(o, quotes, specs)) for o in self.open_entries())
        return sum(held, NOTHING) + sum(opened, NOTHING)

    def net(self, quotes: Quotes, specs: Specs) -> Decimal:
        """Return the largest |sum of signed values| that filling open entries on one side could leave."""
        now = sum((self.position_value(h.instrument, quotes, specs) for h in self._held()), NOTHING)
        values = [self.order_value(order, quotes, specs) for order in self.open_entries()]
        buys = sum((value for value in values if value > 0), NOTHING)
        sells = sum((value for value in values if value < 0), NOTHING)
        return max(abs(now), abs(now + buys), abs(now + sells))

    def order_value(self, order: OpenOrder, quotes: Quotes, specs: Specs) -> Decimal:
        """Return the signed value of what is open of an order, at its reserved price."""
        lots = order.remaining * order.side.sign
        return self._value(order.instrument, lots, order.price, quotes, specs)

    def margin_used(self, quotes: Quotes, specs: Specs) -> Decimal:
        """Return the margin of positions at the venue's rate plus what open entries have reserved."""
        held = (
            abs(self.position_value(h.instrument, quotes, specs)) * _spec(h.instrument, specs).margin_rate
            for h in self._held()
        )
        return sum(held, NOTHING) + sum((order.margin for order in self.open_entries()), NOTHING)

    def worst_long(self, instrument: str) -> Decimal:
        """Return the lots held long if every open buy filled and no sell did."""
        return max(NOTHING, self.quantity(instrument) + self.open_lots(instrument, Side.BUY))

    def worst_short(self, instrument: str) -> Decimal:
        """Return the lots held short (positive) if every open sell filled and no buy did."""
        return max(NOTHING, self.open_lots(instrument, Side.SELL) - self.quantity(instrument))

    def open_reductions(self, instrument: str, ticket: str = "", *, source: str = "") -> Decimal:
        """Return the open lots of reduce-only orders, of one ticket or one source where given."""
        return sum(
            (
                order.remaining
                for order in self.open_orders
                if order.reduce_only
                and order.instrument == instrument
                and ticket in {"", order.ticket}
                and source in {"", order.source}
            ),
            NOTHING,
        )

    def part_of(self, source: str) -> "Book":
        """Return a source's part: its virtual holdings and its orders, entries as it meant them."""
        return replace(
            self,
            holdings={name: held for (owner, name), held in self.virtual.items() if owner == source},
            tickets=(),
            open_orders=tuple(
                replace(order, is_entry=not order.reduce_only)
                for order in self.open_orders
                if order.source == source
            ),
        )

    def sources(self) -> frozenset[str]:
        """Return every source that holds or asks for something."""
        holders = {source for (source, _), held in self.virtual.items() if held.quantity}
        return frozenset(holders | {order.source for order in self.open_orders})

    def open_entries(self) -> tuple[OpenOrder, ...]:
        return tuple(order for order in self.open_orders if order.is_entry)

    def has_doubt(self, instrument: str) -> bool:
        """Tell whether the venue may have an order in this instrument that we cannot account for."""
        return any(order.in_doubt for order in self.open_orders if order.instrument == instrument)

    def _held(self) -> list[Holding]:
        return [holding for holding in self.holdings.values() if holding.quantity]

    def open_lots(self, instrument: str, side: Side) -> Decimal:
        """Return what is open of every order on one side, entries and exits."""
        return sum(
            (o.remaining for o in self.open_orders if o.instrument == instrument and o.side is side), NOTHING
        )

    def _value(self, instrument: str, lots: Decimal, price: Decimal, quotes: Quotes, specs: Specs) -> Decimal:
        spec = _spec(instrument, specs)
        size = abs(lots * spec.contract_size * price)
        # Converted as if owed: of two rates the one that makes an exposure larger.
        worth = -convert(-size, source=spec.quote_currency, target=self.account.currency, quotes=quotes)
        return worth if lots * price > 0 else -worth


def _mark(instrument: str, quotes: Quotes) -> Quote:
    quote = quotes.get(instrument)
    if quote is None or not (quote.bid.is_finite() and quote.ask.is_finite()) or quote.is_crossed:
        raise NoMark(instrument)
    return quote


def _spec(instrument: str, specs: Specs) -> InstrumentSpec:
    spec = specs.get(instrument)
    if spec is None:
        raise NoMark(instrument)
    return spec
