"""What a price or an hour sets off: expiries, pending orders, stops and targets, stop-out, swaps."""

from collections.abc import Mapping
from decimal import Decimal

from apps.brokers.simulators.market.accounts import Account, Order, Position
from apps.brokers.simulators.market.instruments import CATALOGUE
from apps.brokers.simulators.market.journal import Line
from apps.brokers.simulators.market.matching import Engine
from apps.brokers.simulators.market.requests import (
    BUY_LIMIT,
    BUY_STOP,
    DAY,
    SELL_LIMIT,
    SELL_STOP,
    SPECIFIED,
    SPECIFIED_DAY,
)
from apps.brokers.simulators.market.sessions import trading_day
from apps.brokers.simulators.market.ticks import Quote
from apps.brokers.simulators.market.valuation import (
    NoRateError,
    Quotes,
    Worth,
    cents,
    convert,
    floating,
    worth,
)

STOP_OUT_PERCENT = Decimal(50)
CALL_PERCENT = Decimal(80)
# Conversion rates move between two looks as well: from this level up that cannot reach the stop-out.
_SAFE_PERCENT = 3 * STOP_OUT_PERCENT


def fire(engine: Engine, moved: set[str], now_s: int) -> None:
    """Act on the quotes of the instruments that just moved, in the order a venue would."""
    for account in engine.books.accounts.values():
        for order in list(account.orders.values()):
            if _expired(order, now_s):
                engine.end(account, order, "expired")
            elif order.symbol in moved and reached(order, engine.quotes[order.symbol]):
                _fill(engine, account, order)
        for position in list(account.positions.values()):
            if position.symbol in moved and (reason := stop_hit(position, engine.quotes[position.symbol])):
                level = position.sl if reason == "sl" else position.tp
                engine.close(account, position, reason, f"[{reason} {level}]")
        if account.positions:
            stop_out(engine, account, moved)


def _fill(engine: Engine, account: Account, order: Order) -> None:
    try:
        engine.fill(account, order)
    except NoRateError:
        engine.end(account, order, "cancelled")


def _expired(order: Order, now_s: int) -> bool:
    if order.type_time == DAY:
        return trading_day(now_s) > trading_day(order.setup_us // 1_000_000)
    if order.type_time in {SPECIFIED, SPECIFIED_DAY} and order.expires_s:
        return now_s >= order.expires_s
    return False


def reached(order: Order, quote: Quote) -> bool:
    return {
        BUY_LIMIT: quote.ask <= order.price,
        SELL_LIMIT: quote.bid >= order.price,
        BUY_STOP: quote.ask >= order.price,
        SELL_STOP: quote.bid <= order.price,
    }[order.type]


def stop_hit(position: Position, quote: Quote) -> str | None:
    """Say which of the position's levels this quote reaches; a stop comes first."""
    side = 1 if position.volume > 0 else -1
    out = quote.bid if side > 0 else quote.ask
    if position.sl and (out - position.sl) * side <= 0:
        return "sl"
    return "tp" if position.tp and (out - position.tp) * side >= 0 else None


def stop_out(engine: Engine, account: Account, moved: set[str]) -> None:
    """Close the position with the largest loss while the margin level is below 50 %."""
    while account.positions:
        try:
            now = worth(account, engine.quotes)
        except NoRateError:
            return
        tradable = [p for p in account.positions.values() if p.symbol in moved]
        if not tradable or not now.margin or now.level >= STOP_OUT_PERCENT:
            return
        worst = min(tradable, key=lambda p: floating(p, account.currency, engine.quotes))
        engine.log(
            {
                "kind": "stopout",
                "account": account.login,
                "position": worst.ticket,
                "symbol": worst.symbol,
                "margin_level": str(now.level),
                "equity": str(now.equity),
            }
        )
        engine.close(account, worst, "so", f"[so {now.level}%]")


def roll(engine: Engine, nights: int) -> list[Line]:
    """Return the swap lines of one 17:00 New York for every open position."""
    lines: list[Line] = []
    for account in engine.books.accounts.values():
        for position in account.positions.values():
            amount = swap_of(position, account.currency, nights, engine.quotes)
            lines.append(
                {
                    "kind": "swap",
                    "account": account.login,
                    "position": position.ticket,
                    "symbol": position.symbol,
                    "volume": str(position.volume),
                    "nights": nights,
                    "swap": str(amount),
                    "swap_after": str(position.swap + amount),
                    "cash_after": str(account.cash),
                }
            )
    return lines


def swap_of(position: Position, currency: str, nights: int, quotes: Quotes) -> Decimal:
    record = CATALOGUE[position.symbol]
    points = record.swap_long if position.volume > 0 else record.swap_short
    raw = points * record.point * record.contract_size * abs(position.volume) * nights
    return cents(convert(raw, record.currency_profit, currency, quotes))


def quiet(engine: Engine, lows: Mapping[str, Quote], highs: Mapping[str, Quote], until_s: int) -> bool:
    """Say whether nothing can happen while quotes stay between these extremes: the way need not be walked."""
    for account in engine.books.accounts.values():
        for order in account.orders.values():
            if _expired(order, until_s) or any(reached(order, q) for q in _ends(order.symbol, lows, highs)):
                return False
        for position in account.positions.values():
            if any(stop_hit(position, q) for q in _ends(position.symbol, lows, highs)):
                return False
        if account.positions and not _safe(engine, account, lows, highs):
            return False
    return True


def _ends(symbol: str, lows: Mapping[str, Quote], highs: Mapping[str, Quote]) -> list[Quote]:
    return [ends[symbol] for ends in (lows, highs) if symbol in ends]


def _safe(engine: Engine, account: Account, lows: Mapping[str, Quote], highs: Mapping[str, Quote]) -> bool:
    worst = dict(engine.quotes)
    for position in account.positions.values():
        ends = lows if position.volume > 0 else highs
        if position.symbol in ends:
            worst[position.symbol] = ends[position.symbol]
    try:
        now: Worth = worth(account, worst)
    except NoRateError:
        return False
    return not now.margin or now.level >= _SAFE_PERCENT
