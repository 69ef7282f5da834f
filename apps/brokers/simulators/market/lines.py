"""What trading leaves in the log. Decimals travel as strings, tickets and client ids as integers."""

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
