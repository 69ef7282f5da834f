"""What trading leaves in the log. Decimals travel as strings, tickets and client ids as integers.

Every line has `seq` (1, 2, 3 ...), `desk_at`, `wall_at` and `kind`; `more` is true on all but the last line
of what was written together: a reader takes the last line without it as its cut. `client_id` is the magic.

run             seed, market, start_at, start_s, instruments (names), records (contract_size, digits ...)
account         account, currency, margin_mode, leverage, deposit, deal, cash_after
order           account, symbol, side, type, volume, price, sl, tp, order, position, client_id, comment ...
deal            account, symbol, side, volume, price, order, deal, position, client_id, comment, commission,
                entry (in, out, inout), reason (expert, client, sl, tp, so), swap, profit, fee, cash_after,
                after (volume signed, price, sl, tp, swap of the position)
order_end       account, order, state (filled, cancelled, rejected, expired), filled
order_change    account, order, symbol, price, sl, tp, type_time, expires_s
position_change account, position, symbol, sl, tp
reject          account, retcode, action, symbol, side, volume, price, order, position, client_id, comment
swap            account, position, symbol, volume, nights, swap, swap_after (both on the position), cash_after
rollover        nights
stopout         account, position, symbol, margin_level, equity
shock           symbol, factor, at_s
fault           fault, armed or left, seconds
clock           why (tick, jump, control, stop), epoch, speed
ended           nothing more: the last bar was walked
"""

from decimal import Decimal

from apps.brokers.simulators.market.accounts import Account
from apps.brokers.simulators.market.journal import Line
from apps.brokers.simulators.market.requests import Request


def _common(kind: str, account: Account, request: Request) -> Line:
    return {
        "kind": kind,
        "account": account.login,
        "symbol": request.symbol,
        "side": "buy" if request.side > 0 else "sell",
        "client_id": request.magic,
        "comment": request.comment,
    }


def order(account: Account, request: Request, ticket: int, price: Decimal) -> Line:
    return _common("order", account, request) | {
        "type": request.type,
        "volume": str(request.volume),
        "price": str(price),
        "sl": str(request.sl),
        "tp": str(request.tp),
        "order": ticket,
        "position": request.position,
        "type_time": request.type_time,
        "type_filling": request.type_filling,
        "expires_s": request.expires_s,
        "reason": "expert" if request.magic else "client",
    }


def deal(
    account: Account,
    request: Request,
    order: int,
    ticket: int,
    position: int,
    volume: Decimal,
    price: Decimal,
) -> Line:
    return _common("deal", account, request) | {
        "volume": str(volume),
        "price": str(price),
        "order": order,
        "deal": ticket,
        "position": position,
        "reason": "expert" if request.magic else "client",
    }


def order_end(account: Account, ticket: int, state: str, filled: Decimal) -> Line:
    return {
        "kind": "order_end",
        "account": account.login,
        "order": ticket,
        "state": state,
        "filled": str(filled),
    }


def reject(account: Account, request: Request, retcode: int) -> Line:
    return _common("reject", account, request) | {
        "retcode": retcode,
        "action": request.action,
        "volume": str(request.volume),
        "price": str(request.price),
        "order": request.order,
        "position": request.position,
    }
