"""The matching core: requests become orders and deals at the quotes of the moment, each a line of the log."""

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal

from apps.brokers.simulators.market import lines
from apps.brokers.simulators.market.accounts import Account, Books, Order, Position
from apps.brokers.simulators.market.dealing import Trade, settle
from apps.brokers.simulators.market.instruments import CATALOGUE
from apps.brokers.simulators.market.journal import Line
from apps.brokers.simulators.market.requests import (
    BUY,
    DEAL,
    FOK,
    IOC,
    PENDING,
    RETURN,
    SELL,
    SLTP,
    Request,
    Result,
    Setting,
    closed_by,
    refusal,
    stops_fault,
)
from apps.brokers.simulators.market.ticks import Quote
from apps.brokers.simulators.market.valuation import NoRateError, margin_used, worth

DONE, PLACED_CODE, PART = 10009, 10008, 10010


class Engine:
    """Decides; `emit(lines)` writes them to the log and books them, and returns only then."""

    def __init__(self, *, books: Books, quotes: dict[str, Quote], emit: Callable[[list[Line]], None]) -> None:
        self.books = books
        self.quotes = quotes
        self.emit = emit

    def log(self, line: Line) -> None:
        """Write a line that books nothing."""
        self.emit([line])

    def judge(self, account: Account, request: Request, *, is_open: bool, now_s: int) -> int:
        """Return the retcode that refuses a DEAL or PENDING request now, or 0."""
        if request.symbol not in CATALOGUE:
            return 10013
        setting = Setting(
            request=request,
            account=account,
            record=CATALOGUE[request.symbol],
            quote=self.quotes.get(request.symbol),
            is_open=is_open,
            now_s=now_s,
        )
        return refusal(setting) or (self._money(account, request) if request.action == DEAL else 0)

    def _money(self, account: Account, request: Request) -> int:
        """10019 when the deal would use more margin than there is; what reduces a position always passes."""
        quote = self.quotes[request.symbol]
        signed, price = request.volume * request.side, quote.ask if request.side > 0 else quote.bid
        held = closed_by(request, account)
        if held and abs(held.volume + signed) <= abs(held.volume):
            return 0
        try:
            needed = margin_used(account, self.quotes, (request.symbol, signed, price))
            have = worth(account, self.quotes).equity
        except NoRateError:
            return 10021
        return 0 if have >= needed + request.volume * CATALOGUE[request.symbol].commission_per_lot else 10019

    def margin_with(self, account: Account, request: Request) -> Decimal | None:
        """Margin the account would use after the request, or None where a quote for it is missing."""
        quote = self.quotes.get(request.symbol)
        if quote is None:
            return None
        price = request.price or (quote.ask if request.side > 0 else quote.bid)
        try:
            return margin_used(account, self.quotes, (request.symbol, request.volume * request.side, price))
        except NoRateError:
            return None

    def deal(self, account: Account, request: Request, *, share: Decimal | None = None) -> Result:
        """Execute a judged market request; `share` below 1 fills that part of it and cancels the rest."""
        volume = request.volume
        if share is not None:
            step = CATALOGUE[request.symbol].volume_step
            volume = (volume * share / step).to_integral_value(ROUND_DOWN) * step
            if not volume or request.type_filling == FOK:
                return self.refuse(account, request, 10006)
        ticket = self._ticket()
        order = self._order(account, request, ticket)
        try:
            deal = self._deal(account, request, ticket, volume)
        except NoRateError:
            return self.refuse(account, request, 10021)
        ended = "filled" if volume == request.volume else "cancelled"
        self.emit([order, deal, lines.order_end(account, ticket, ended, volume)])
        quote = self.quotes[request.symbol]
        return Result(
            retcode=DONE if ended == "filled" else PART,
            deal=deal["deal"],
            order=ticket,
            volume=volume,
            price=Decimal(deal["price"]),
            bid=quote.bid,
            ask=quote.ask,
        )

    def place(self, account: Account, request: Request) -> Result:
        """Put a judged pending order into the book."""
        ticket, quote = self._ticket(), self.quotes[request.symbol]
        self.emit([self._order(account, request, ticket)])
        return Result(retcode=PLACED_CODE, order=ticket, volume=request.volume, bid=quote.bid, ask=quote.ask)

    def fill(self, account: Account, order: Order) -> None:
        """Fill a pending order whose price was reached; without money it is rejected."""
        request = _request_of(order)
        if code := self._money(account, request):
            refused = lines.order_end(account, order.ticket, "rejected", Decimal(0)) | {"retcode": code}
            self.emit([refused])
            return
        deal = self._deal(account, request, order.ticket, order.remaining)
        self.emit([deal, lines.order_end(account, order.ticket, "filled", order.volume)])

    def close(self, account: Account, position: Position, reason: str, comment: str) -> None:
        """Close a whole position by the venue's own order: a stop, a target or a stop-out."""
        request = Request(
            action=DEAL,
            symbol=position.symbol,
            volume=abs(position.volume),
            type=SELL if position.volume > 0 else BUY,
            magic=position.magic,
            comment=comment,
            position=position.ticket,
        )
        ticket = self._ticket()
        order = self._order(account, request, ticket) | {"reason": reason}
        deal = self._deal(account, request, ticket, request.volume) | {"reason": reason}
        self.emit([order, deal, lines.order_end(account, ticket, "filled", request.volume)])

    def end(self, account: Account, order: Order, state: str) -> Result:
        """Take a pending order out of the book: cancelled or expired."""
        self.emit([lines.order_end(account, order.ticket, state, order.volume - order.remaining)])
        return Result(retcode=DONE, order=order.ticket, volume=order.remaining, price=order.price)

    def change(self, account: Account, request: Request, *, is_open: bool, now_s: int) -> Result:
        """Move the price, stops or expiry of a pending order (MODIFY) or the stops of a position (SLTP)."""
        if request.action == SLTP:
            return self._restop(account, request, is_open=is_open)
        order = account.orders.get(request.order)
        if order is None:
            return self.refuse(account, request, 10013)
        wanted = Request(
            action=PENDING,
            symbol=order.symbol,
            volume=order.volume,
            type=order.type,
            price=request.price,
            sl=request.sl,
            tp=request.tp,
            type_filling=RETURN,
            type_time=request.type_time,
            expires_s=request.expires_s,
        )
        if code := self.judge(account, wanted, is_open=is_open, now_s=now_s):
            return self.refuse(account, request, code)
        terms = {"type_time": request.type_time, "expires_s": request.expires_s}
        prices = {"price": str(request.price), "sl": str(request.sl), "tp": str(request.tp)}
        line = {
            "kind": "order_change",
            "account": account.login,
            "order": order.ticket,
            "symbol": order.symbol,
        }
        self.emit([line | prices | terms])
        return Result(retcode=DONE, order=order.ticket, volume=order.remaining, price=request.price)

    def _restop(self, account: Account, request: Request, *, is_open: bool) -> Result:
        position = account.positions.get(request.position)
        if position is None:
            return self.refuse(account, request, 10036)
        if not is_open:
            return self.refuse(account, request, 10018)
        if (position.sl, position.tp) == (request.sl, request.tp):
            return self.refuse(account, request, 10025)
        quote, side = self.quotes[position.symbol], 1 if position.volume > 0 else -1
        base = quote.bid if side > 0 else quote.ask
        if code := stops_fault(CATALOGUE[position.symbol], side, base, request.sl, request.tp):
            return self.refuse(account, request, code)
        line = {"kind": "position_change", "account": account.login, "position": position.ticket}
        self.emit([line | {"symbol": position.symbol, "sl": str(request.sl), "tp": str(request.tp)}])
        return Result(retcode=DONE, volume=abs(position.volume), bid=quote.bid, ask=quote.ask)

    def refuse(self, account: Account, request: Request, retcode: int) -> Result:
        """Log a refusal with its retcode."""
        quote = self.quotes.get(request.symbol)
        self.emit([lines.reject(account, request, retcode)])
        return Result(
            retcode=retcode, bid=quote.bid if quote else Decimal(0), ask=quote.ask if quote else Decimal(0)
        )

    def _ticket(self) -> int:
        self.books.last_ticket += 1
        return self.books.last_ticket

    def _order(self, account: Account, request: Request, ticket: int) -> Line:
        return lines.order(account, request, ticket, _price(request, self.quotes[request.symbol]))

    def _deal(self, account: Account, request: Request, ticket: int, volume: Decimal) -> Line:
        """Return the line of a deal; raises NoRateError."""
        price = _price(request, self.quotes[request.symbol])
        held = closed_by(request, account)
        signed = volume * request.side
        trade = Trade(symbol=request.symbol, volume=signed, price=price, sl=request.sl, tp=request.tp)
        money = settle(account, held, trade, self.quotes)
        position = held.ticket if held else ticket
        return lines.deal(account, request, ticket, self._ticket(), position, volume, price) | money


def _price(request: Request, quote: Quote) -> Decimal:
    """Return the order's own price when it is pending, else the side of the market that it takes."""
    if request.action == PENDING:
        return request.price
    return quote.ask if request.side > 0 else quote.bid


def _request_of(order: Order) -> Request:
    """Return a triggered pending order as the deal it becomes."""
    return Request(
        action=DEAL,
        symbol=order.symbol,
        volume=order.remaining,
        type=BUY if order.type % 2 == 0 else SELL,
        sl=order.sl,
        tp=order.tp,
        type_filling=IOC,
        magic=order.magic,
        comment=order.comment,
    )
