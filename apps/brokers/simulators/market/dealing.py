"""The arithmetic of one deal: what it closes, what it leaves, what it costs."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.brokers.simulators.market.accounts import Account, Position
from apps.brokers.simulators.market.instruments import CATALOGUE
from apps.brokers.simulators.market.valuation import Quotes, cents, result

_FINE = Decimal("0.00000001")  # an average price is kept finer than a quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """`volume` is signed lots; stops of zero leave those of the position alone."""

    symbol: str
    volume: Decimal
    price: Decimal
    sl: Decimal = Decimal(0)
    tp: Decimal = Decimal(0)


def settle(account: Account, held: Position | None, trade: Trade, quotes: Quotes) -> dict[str, Any]:
    """Return the money and position fields of the deal's line; raises NoRateError."""
    record = CATALOGUE[trade.symbol]
    before = held.volume if held else Decimal(0)
    after = before + trade.volume
    closed = min(abs(before), abs(trade.volume)) if before * trade.volume < 0 else Decimal(0)
    commission = -cents(abs(trade.volume) * record.commission_per_lot)
    profit = swap = Decimal("0.00")
    if held and closed:
        share = closed.copy_sign(before)
        profit = result(record, share, held.price, trade.price, account.currency, quotes)
        swap = cents(held.swap * closed / abs(before))
    return {
        "entry": _entry(before, after, closed),
        "commission": str(commission),
        "swap": str(swap),
        "profit": str(profit),
        "fee": "0.00",
        "cash_after": str(account.cash + profit + swap + commission),
        "after": _left(held, trade, after, closed, swap),
    }


def _entry(before: Decimal, after: Decimal, closed: Decimal) -> str:
    if not closed:
        return "in"
    return "inout" if before * after < 0 else "out"


def _left(
    held: Position | None, trade: Trade, after: Decimal, closed: Decimal, swap: Decimal
) -> dict[str, str]:
    reversed_ = bool(held) and after * trade.volume > 0 and closed > 0
    if held is None or reversed_:
        price, sl, tp, swap_left = trade.price, trade.sl, trade.tp, Decimal("0.00")
    else:
        price = held.price if closed else _average(held, trade, after)
        # A deal that only reduces leaves the stops of the rest as they are.
        sl = held.sl if closed else trade.sl or held.sl
        tp = held.tp if closed else trade.tp or held.tp
        swap_left = held.swap - swap
    fields = {"volume": after, "price": price, "sl": sl, "tp": tp, "swap": swap_left}
    return {name: str(value) for name, value in fields.items()}


def _average(held: Position, trade: Trade, after: Decimal) -> Decimal:
    return ((held.volume * held.price + trade.volume * trade.price) / after).quantize(_FINE)
