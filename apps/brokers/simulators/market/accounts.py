"""What the venue holds for its clients, and how a line of the log changes it: live and in rebuilding."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from apps.brokers.simulators.market.journal import Line, micros

MarginMode = Literal["netting", "hedging"]
STATES = {"filled": 4, "cancelled": 2, "rejected": 5, "expired": 6}
PLACED, PARTIAL = 1, 3


@dataclass(slots=True, kw_only=True)
class Position:
    """`volume` is signed lots: above zero long, below short."""

    ticket: int
    symbol: str
    volume: Decimal
    price: Decimal
    sl: Decimal
    tp: Decimal
    swap: Decimal
    magic: int
    comment: str
    reason: str
    opened_us: int
    updated_us: int


@dataclass(slots=True, kw_only=True)
class Order:
    ticket: int
    symbol: str
    type: int
    volume: Decimal
    remaining: Decimal
    price: Decimal
    sl: Decimal
    tp: Decimal
    type_time: int
    type_filling: int
    expires_s: int | None
    magic: int
    comment: str
    reason: str
    position: int
    setup_us: int
    done_us: int = 0
    state: int = PLACED


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    ticket: int
    order: int
    position: int
    symbol: str
    side: str
    entry: str
    reason: str
    volume: Decimal
    price: Decimal
    commission: Decimal
    swap: Decimal
    profit: Decimal
    fee: Decimal
    magic: int
    comment: str
    at_us: int


@dataclass(slots=True, kw_only=True)
class Account:
    login: int
    currency: str
    margin_mode: MarginMode
    leverage: int
    cash: Decimal
    positions: dict[int, Position] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    ended: dict[int, Order] = field(default_factory=dict)
    deals: list[Deal] = field(default_factory=list)

    def net(self, symbol: str) -> Position | None:
        """Return the position of a netting account in `symbol`."""
        return next((p for p in self.positions.values() if p.symbol == symbol), None)


class Books:
    """All accounts; changed only by `apply`."""

    def __init__(self) -> None:
        self.accounts: dict[int, Account] = {}
        self.last_ticket = 1000
        self.rolled_s = 0

    def apply(self, line: Line, at_us: int | None = None) -> None:
        """Book one line; lines that move no money and no order change nothing."""
        act = getattr(self, f"_on_{line['kind']}", None)
        if act is not None:
            act(line, micros(line["desk_at"]) if at_us is None else at_us)

    def _on_account(self, line: Line, at_us: int) -> None:
        deposit = Decimal(line["deposit"])
        account = Account(
            login=line["account"],
            currency=line["currency"],
            margin_mode=line["margin_mode"],
            leverage=line["leverage"],
            cash=deposit,
        )
        account.deals.append(_deal(line | {"side": "balance", "profit": line["deposit"]}, at_us))
        self.accounts[account.login] = account
        self.last_ticket = max(self.last_ticket, line["deal"])

    def _on_order(self, line: Line, at_us: int) -> None:
        volume = Decimal(line["volume"])
        order = Order(
            ticket=line["order"],
            symbol=line["symbol"],
            type=line["type"],
            volume=volume,
            remaining=volume,
            price=Decimal(line["price"]),
            sl=Decimal(line["sl"]),
            tp=Decimal(line["tp"]),
            type_time=line["type_time"],
            type_filling=line["type_filling"],
            expires_s=line["expires_s"],
            magic=line["client_id"],
            comment=line["comment"],
            reason=line["reason"],
            position=line["position"],
            setup_us=at_us,
        )
        self.accounts[line["account"]].orders[order.ticket] = order
        self.last_ticket = max(self.last_ticket, order.ticket)

    def _on_deal(self, line: Line, at_us: int) -> None:
        account = self.accounts[line["account"]]
        deal = _deal(line, at_us)
        account.deals.append(deal)
        account.cash = Decimal(line["cash_after"])
        order = account.orders.get(deal.order)
        if order is not None:
            order.remaining -= deal.volume
            order.position = deal.position
        self.last_ticket = max(self.last_ticket, deal.ticket)
        self._place(account, deal, line, at_us)

    def _place(self, account: Account, deal: Deal, line: Line, at_us: int) -> None:
        after, held = line["after"], account.positions.get(deal.position)
        if not Decimal(after["volume"]):
            account.positions.pop(deal.position, None)
            return
        if held is None or deal.entry == "inout":
            held = account.positions[deal.position] = Position(
                ticket=deal.position,
                symbol=deal.symbol,
                volume=Decimal(0),
                price=Decimal(0),
                sl=Decimal(0),
                tp=Decimal(0),
                swap=Decimal(0),
                magic=deal.magic,
                comment=deal.comment,
                reason=deal.reason,
                opened_us=at_us,
                updated_us=at_us,
            )
        held.volume, held.price = Decimal(after["volume"]), Decimal(after["price"])
        held.sl, held.tp, held.swap = Decimal(after["sl"]), Decimal(after["tp"]), Decimal(after["swap"])
        held.updated_us = at_us

    def _on_order_end(self, line: Line, at_us: int) -> None:
        account = self.accounts[line["account"]]
        order = account.orders.pop(line["order"])
        order.state, order.done_us = STATES[line["state"]], at_us
        account.ended[order.ticket] = order

    def _on_order_change(self, line: Line, at_us: int) -> None:  # noqa: ARG002 -- one shape for all
        order = self.accounts[line["account"]].orders[line["order"]]
        order.price, order.sl, order.tp = Decimal(line["price"]), Decimal(line["sl"]), Decimal(line["tp"])
        order.type_time, order.expires_s = line["type_time"], line["expires_s"]

    def _on_position_change(self, line: Line, at_us: int) -> None:
        position = self.accounts[line["account"]].positions[line["position"]]
        position.sl, position.tp, position.updated_us = Decimal(line["sl"]), Decimal(line["tp"]), at_us

    def _on_swap(self, line: Line, at_us: int) -> None:
        position = self.accounts[line["account"]].positions[line["position"]]
        position.swap, position.updated_us = Decimal(line["swap_after"]), at_us

    def _on_rollover(self, line: Line, at_us: int) -> None:  # noqa: ARG002 -- one shape for all
        self.rolled_s = max(self.rolled_s, at_us // 1_000_000)


def _deal(line: Line, at_us: int) -> Deal:
    zero = "0.00"
    return Deal(
        ticket=line["deal"],
        order=line.get("order", 0),
        position=line.get("position", 0),
        symbol=line.get("symbol", ""),
        side=line["side"],
        entry=line.get("entry", "in"),
        reason=line.get("reason", "client"),
        volume=Decimal(line.get("volume", "0")),
        price=Decimal(line.get("price", "0")),
        commission=Decimal(line.get("commission", zero)),
        swap=Decimal(line.get("swap", zero)),
        profit=Decimal(line["profit"]),
        fee=Decimal(line.get("fee", zero)),
        magic=line.get("client_id", 0),
        comment=line.get("comment", ""),
        at_us=at_us,
    )
