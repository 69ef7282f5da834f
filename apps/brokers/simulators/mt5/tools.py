"""The terminal's calls as MCP tools, in the raw vocabulary of the Qoyyuum server."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel, Field

from apps.brokers.simulators.mt5.rates import server_seconds
from apps.brokers.simulators.mt5.records import in_group
from apps.brokers.simulators.mt5.terminal import Terminal

MAX_TICKS = 10_000
_SHORT = 50  # longer lists are not repeated as text


class OrderRequest(BaseModel):
    """One trade request; types and actions are MT5's integers, volume is in lots, expiration in server time."""

    action: int
    order: int | None = None
    position: int | None = None
    position_by: int | None = None
    symbol: str | None = None
    volume: float | None = None
    type: int | None = None
    price: float | None = None
    stoplimit: float | None = None
    sl: float | None = None
    tp: float | None = None
    deviation: int | None = None
    magic: int | None = None
    comment: Annotated[str, Field(max_length=31)] | None = None
    type_time: int | None = None
    type_filling: int | None = None
    expiration: int | None = None


def build(terminal: Terminal) -> MCPServer:
    """Return the MCP server of one terminal."""
    server: MCPServer = MCPServer(
        "MetaTrader 5 MCP Server",
        instructions=f"Simulated venue, {terminal.venue.source.market} prices. Call initialize, then login.",
        log_level="WARNING",
        subscriptions=False,
    )
    for register in (_session_tools, _market_tools, _rate_tools, _book_tools, _history_tools, _order_tools):
        register(server, terminal)
    return server


async def _answer(terminal: Terminal, value: Any) -> CallToolResult:
    """Wrap a value as the server does, once everything it may show is on disk."""
    await terminal.venue.journal.durable()
    structured = value if isinstance(value, dict) else {"result": value}
    many = isinstance(value, list) and len(value) > _SHORT
    text = f"{len(value)} records, see the structured content" if many else json.dumps(value)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=structured)


def _add(server: MCPServer, *tools: Callable[..., Awaitable[CallToolResult]]) -> None:
    for tool in tools:
        server.add_tool(tool)


def _session_tools(server: MCPServer, terminal: Terminal) -> None:
    async def initialize(path: str = "") -> CallToolResult:  # noqa: ARG001 -- part of the vocabulary
        return await _answer(terminal, terminal.initialize())

    async def login(login: int, password: str = "", server: str = "") -> CallToolResult:  # noqa: ARG001
        return await _answer(terminal, terminal.login(login))

    async def shutdown() -> CallToolResult:
        return await _answer(terminal, terminal.shutdown())

    async def get_version() -> CallToolResult:
        terminal.require("version")
        return await _answer(terminal, [500, 5000, "25 Nov 2026"])

    async def get_last_error() -> CallToolResult:
        return await _answer(terminal, list(terminal.error))

    async def get_account_info() -> CallToolResult:
        terminal.venue.advance()
        return await _answer(terminal, terminal.account_info())

    async def get_terminal_info() -> CallToolResult:
        terminal.venue.advance()
        return await _answer(terminal, terminal.terminal_info())

    _add(
        server, initialize, login, shutdown, get_version, get_last_error, get_account_info, get_terminal_info
    )


def _market_tools(server: MCPServer, terminal: Terminal) -> None:
    async def get_symbols() -> CallToolResult:
        return await _answer(terminal, terminal.symbols())

    async def get_symbols_by_group(group: str) -> CallToolResult:
        return await _answer(terminal, terminal.symbols(group))

    async def symbol_select(symbol: str, visible: bool = True) -> CallToolResult:
        return await _answer(terminal, terminal.select(symbol, visible=visible))

    async def get_symbol_info(symbol: str) -> CallToolResult:
        terminal.venue.advance()
        return await _answer(terminal, terminal.symbol_info(symbol))

    async def get_symbol_info_tick(symbol: str) -> CallToolResult:
        terminal.venue.advance()
        return await _answer(terminal, terminal.tick(symbol))

    _add(server, get_symbols, get_symbols_by_group, symbol_select, get_symbol_info, get_symbol_info_tick)


def _rate_tools(server: MCPServer, terminal: Terminal) -> None:
    rates = terminal.rates

    def now_s(symbol: str) -> int:
        terminal.shown(symbol, "rates")
        terminal.venue.advance()
        return terminal.venue.now_s

    async def give(make: Callable[[], list[dict[str, Any]]]) -> CallToolResult:
        try:
            rows = make()
        except ValueError as wrong:
            terminal.error = (-2, str(wrong))
            raise ToolError(f"Failed to copy rates. MT5 Error -2: {wrong}") from wrong
        return await _answer(terminal, rows)

    async def copy_rates_from_pos(symbol: str, timeframe: int, start_pos: int, count: int) -> CallToolResult:
        now = now_s(symbol)
        return await give(lambda: rates.back(symbol, timeframe, None, start_pos, count, now))

    async def copy_rates_from_date(symbol: str, timeframe: int, date_from: str, count: int) -> CallToolResult:
        now = now_s(symbol)
        return await give(lambda: rates.back(symbol, timeframe, server_seconds(date_from), 0, count, now))

    async def copy_rates_range(symbol: str, timeframe: int, date_from: str, date_to: str) -> CallToolResult:
        now = now_s(symbol)
        first, last = (lambda: server_seconds(date_from)), (lambda: server_seconds(date_to))
        return await give(lambda: rates.range(symbol, timeframe, first(), last(), now))

    async def copy_ticks_range(symbol: str, date_from: str, date_to: str, flags: int = -1) -> CallToolResult:  # noqa: ARG001
        now = now_s(symbol)
        return await give(
            lambda: rates.ticks(symbol, server_seconds(date_from), server_seconds(date_to), now, MAX_TICKS)
        )

    async def copy_ticks_from_date(
        symbol: str, date_from: str, count: int, flags: int = -1
    ) -> CallToolResult:  # noqa: ARG001
        now = now_s(symbol)
        start = now + terminal.records.offset_s(now)
        return await give(
            lambda: rates.ticks(symbol, server_seconds(date_from), start, now, min(count, MAX_TICKS))
        )

    _add(
        server,
        copy_rates_from_pos,
        copy_rates_from_date,
        copy_rates_range,
        copy_ticks_range,
        copy_ticks_from_date,
    )


def _book_tools(server: MCPServer, terminal: Terminal) -> None:
    async def positions_get(symbol: str | None = None, group: str | None = None) -> CallToolResult:
        terminal.venue.advance()
        return await _answer(terminal, terminal.positions(_like(symbol, group)))

    async def positions_get_by_ticket(ticket: int) -> CallToolResult:
        terminal.venue.advance()
        found = terminal.positions(lambda p: p.ticket == ticket)
        return await _answer(terminal, found[0] if found else None)

    async def orders_get(symbol: str | None = None, group: str | None = None) -> CallToolResult:
        terminal.venue.advance()
        return await _answer(terminal, terminal.orders(_like(symbol, group)))

    async def orders_get_by_ticket(ticket: int) -> CallToolResult:
        terminal.venue.advance()
        found = terminal.orders(lambda o: o.ticket == ticket)
        return await _answer(terminal, found[0] if found else None)

    _add(server, positions_get, positions_get_by_ticket, orders_get, orders_get_by_ticket)


def _like(
    symbol: str | None, group: str | None, ticket: int | None = None, position: int | None = None
) -> Callable[[Any], bool]:
    """Keep what fits every filter given; `ticket` is the order's, `position` the position's, as in MT5."""

    def keep(item: Any) -> bool:
        order = getattr(item, "order", item.ticket)
        return (
            symbol in {None, item.symbol}
            and in_group(item.symbol, group)
            and ticket in {None, order}
            and position in {None, getattr(item, "position", None)}
        )

    return keep


def _history_tools(server: MCPServer, terminal: Terminal) -> None:
    async def history_deals_get(
        symbol: str | None = None,
        group: str | None = None,
        ticket: int | None = None,
        position: int | None = None,
        from_date: str | None = None,
        to_date: str | None = None,
    ) -> CallToolResult:
        terminal.venue.advance()
        keep = _like(symbol, group, ticket, position)
        return await _answer(terminal, _dated(terminal.deals, keep, from_date, to_date))

    async def history_orders_get(
        symbol: str | None = None,
        group: str | None = None,
        ticket: int | None = None,
        position: int | None = None,
        from_date: str | None = None,
        to_date: str | None = None,
    ) -> CallToolResult:
        terminal.venue.advance()
        keep = _like(symbol, group, ticket, position)
        return await _answer(terminal, _dated(terminal.ended_orders, keep, from_date, to_date))

    _add(server, history_deals_get, history_orders_get)


def _dated(read: Callable[..., Any], keep: Callable[[Any], bool], first: str | None, last: str | None) -> Any:
    try:
        return read(keep, (first, last))
    except ValueError as wrong:
        raise ToolError(f"Failed to get history. MT5 Error -2: {wrong}") from wrong


def _order_tools(server: MCPServer, terminal: Terminal) -> None:
    async def order_check(request: OrderRequest) -> CallToolResult:
        return await _answer(terminal, terminal.check(request.model_dump(exclude_none=True)))

    async def order_send(request: OrderRequest) -> CallToolResult:
        return await _answer(terminal, await terminal.send(request.model_dump(exclude_none=True)))

    _add(server, order_check, order_send)
