"""order_check and order_send: the request read, carried out, and answered or lost as armed faults want."""

import asyncio

from mcp.server.mcpserver.exceptions import ToolError

from apps.brokers.simulators.market.requests import (
    DEAL,
    IOC,
    PENDING,
    RETCODES,
    RETURN,
    Request,
    Result,
    exact,
)
from apps.brokers.simulators.market.valuation import worth
from apps.brokers.simulators.mt5.records import Record, result_record
from apps.brokers.simulators.mt5.terminal import NOT_THERE, Terminal

TIMEOUT = (-10005, "IPC timeout")
DONE = {10008, 10009, 10010}


def check(terminal: Terminal, fields: Record) -> Record:
    """Answer order_check: 0 when the request would be taken, with the margin it needs."""
    terminal.require("order check")
    request = _request(terminal, fields)
    venue, account = terminal.venue, terminal.account
    code = venue.check(account, request)
    now = worth(account, venue.quotes)
    found = venue.engine.margin_with(account, request)
    needed = now.margin if found is None else found
    return {
        "retcode": code,
        "balance": float(now.balance),
        "equity": float(now.equity),
        "profit": float(now.profit),
        "margin": float(needed),
        "margin_free": float(now.equity - needed),
        "margin_level": round(float(now.equity / needed * 100), 2) if needed else 0.0,
        "comment": RETCODES.get(code, ""),
        "request": fields,
    }


async def send(terminal: Terminal, fields: Record) -> Record:
    """Carry out order_send; raises ToolError for a refusal and for a lost answer."""
    if not terminal.connected:
        raise _failure(terminal, *NOT_THERE)
    request, venue = _request(terminal, fields), terminal.venue
    if seconds := venue.use("lost_order"):
        await _timeout(terminal, seconds)
    if seconds := venue.use("hide_order"):
        await venue.journal.durable()
        task = asyncio.create_task(_send_late(terminal, request, seconds))
        terminal.late.add(task)
        task.add_done_callback(terminal.late.discard)
        raise _failure(terminal, *TIMEOUT)
    result = venue.send(terminal.account, request)
    await venue.journal.durable()
    if seconds := venue.use("drop_reply"):
        await _timeout(terminal, seconds)
    if seconds := venue.use("delay"):
        await asyncio.sleep(seconds)
    return _answer(terminal, result, fields)


def _answer(terminal: Terminal, result: Result, fields: Record) -> Record:
    terminal.requests += 1
    record = result_record(result, fields, terminal.requests)
    if result.retcode not in DONE:
        raise ToolError(f"Order execution failed: {result.comment}\nRequest: {fields}\nResult: {record}")
    return record


async def _send_late(terminal: Terminal, request: Request, seconds: float) -> Result:
    await asyncio.sleep(seconds)
    return terminal.venue.send(terminal.account, request)


async def _timeout(terminal: Terminal, seconds: float) -> None:
    await terminal.venue.journal.durable()
    await asyncio.sleep(seconds)
    raise _failure(terminal, *TIMEOUT)


def _failure(terminal: Terminal, code: int, text: str) -> ToolError:
    terminal.error = (code, text)
    return ToolError(f"Failed to send order. MT5 Error {code}: {text}")


def _request(terminal: Terminal, fields: Record) -> Request:
    """Read a request; raises ToolError for what MT5 calls an invalid argument."""
    known = {name: value for name, value in fields.items() if value is not None}
    try:
        numbers = {name: exact(known.get(name)) for name in ("volume", "price", "sl", "tp")}
    except ValueError as wrong:
        raise _failure(terminal, -2, f"Invalid argument: {wrong}") from wrong
    expires, action = known.get("expiration"), known["action"]
    return Request(
        action=action,
        symbol=known.get("symbol") or _symbol_of(terminal, known),
        type=known.get("type", 0),
        type_filling=known.get("type_filling", IOC if action == DEAL else RETURN),
        type_time=known.get("type_time", 0),
        expires_s=expires - terminal.records.offset_s(expires) if expires else None,
        magic=known.get("magic", 0),
        comment=known.get("comment", ""),
        order=known.get("order", 0),
        position=known.get("position", 0),
        **numbers,
    )


def _symbol_of(terminal: Terminal, known: Record) -> str:
    """Return the symbol of the position or order that a change without one names."""
    if known["action"] in {DEAL, PENDING}:
        return ""
    position = terminal.account.positions.get(known.get("position", 0))
    order = terminal.account.orders.get(known.get("order", 0))
    return position.symbol if position else order.symbol if order else ""
