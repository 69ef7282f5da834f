"""The terminal's calls as MCP tools, in the raw vocabulary of the Qoyyuum server."""

from collections.abc import Callable
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult
from pydantic import BaseModel, Field

from apps.brokers.simulators.mt5.answers import add, answer
from apps.brokers.simulators.mt5.rate_tools import rate_tools
from apps.brokers.simulators.mt5.records import in_group
from apps.brokers.simulators.mt5.sending import check, send
from apps.brokers.simulators.mt5.terminal import Terminal


class OrderRequest(BaseModel):
    """One trade request; types and actions are MT5's integers, volume in lots, expiration in server time."""

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
    for register in (_session_tools, _market_tools, rate_tools, _book_tools, _history_tools, _order_tools):
        register(server, terminal)
    return server


def _session_tools(server: MCPServer, terminal: Terminal) -> None:
    async def initialize(path: str = "") -> CallToolResult:  # noqa: ARG001 -- part of the vocabulary
        return await answer(terminal, terminal.initialize())

    async def login(login: int, password: str = "", server: str = "") -> CallToolResult:  # noqa: ARG001
        return await answer(terminal, terminal.login(login))

    async def shutdown() -> CallToolResult:
        return await answer(terminal, terminal.shutdown())

    async def get_version() -> CallToolResult:
        terminal.require("version")
        return await answer(terminal, [500, 5000, "25 Nov 2026"])

    async def get_last_error() -> CallToolResult:
        return await answer(terminal, list(terminal.error))

    async def get_account_info() -> CallToolResult:
        terminal.venue.advance()
        return await answer(terminal, terminal.account_info())

    async def get_terminal_info() -> CallToolResult:
        terminal.venue.advance()
        return await answer(terminal, terminal.terminal_info())

    add(server, initialize, login, shutdown, get_version, get_last_error, get_account_info, get_terminal_info)


def _market_tools(server: MCPServer, terminal: Terminal) -> None:
    async def get_symbols() -> CallToolResult:
        return await answer(terminal, terminal.symbols())

    async def get_symbols_by_group(group: str) -> CallToolResult:
        return await answer(terminal, terminal.symbols(group))

    async def symbol_select(symbol: str, visible: bool = True) -> CallToolResult:
        return await answer(terminal, terminal.select(symbol, visible=visible))

    async def get_symbol_info(symbol: str) -> CallToolResult:
        terminal.venue.advance()
        return await answer(terminal, terminal.symbol_info(symbol))

    async def get_symbol_info_tick(symbol: str) -> CallToolResult:
        terminal.venue.advance()
        return await answer(terminal, terminal.tick(symbol))

    add(server, get_symbols, get_symbols_by_group, symbol_select, get_symbol_info, get_symbol_info_tick)


def _book_tools(server: MCPServer, terminal: Terminal) -> None:
    async def positions_get(symbol: str | None = None, group: str | None = None) -> CallToolResult:
        terminal.venue.advance()
        return await answer(terminal, terminal.positions(_like(symbol, group)))

    async def positions_get_by_ticket(ticket: int) -> CallToolResult:
        terminal.venue.advance()
        found = terminal.positions(lambda p: p.ticket == ticket)
        return await answer(terminal, found[0] if found else None)

    async def orders_get(symbol: str | None = None, group: str | None = None) -> CallToolResult:
        terminal.venue.advance()
        return await answer(terminal, terminal.orders(_like(symbol, group)))

    async def orders_get_by_ticket(ticket: int) -> CallToolResult:
        terminal.venue.advance()
        found = terminal.orders(lambda o: o.ticket == ticket)
        return await answer(terminal, found[0] if found else None)

    add(server, positions_get, positions_get_by_ticket, orders_get, orders_get_by_ticket)


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
        return await answer(terminal, _dated(terminal.deals, keep, from_date, to_date))

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
        return await answer(terminal, _dated(terminal.ended_orders, keep, from_date, to_date))

    add(server, history_deals_get, history_orders_get)


def _dated(read: Callable[..., Any], keep: Callable[[Any], bool], first: str | None, last: str | None) -> Any:
    try:
        return read(keep, (first, last))
    except ValueError as wrong:
        raise ToolError(f"Failed to get history. MT5 Error -2: {wrong}") from wrong


def _order_tools(server: MCPServer, terminal: Terminal) -> None:
    async def order_check(request: OrderRequest) -> CallToolResult:
        return await answer(terminal, check(terminal, request.model_dump(exclude_none=True)))

    async def order_send(request: OrderRequest) -> CallToolResult:
        return await answer(terminal, await send(terminal, request.model_dump(exclude_none=True)))

    add(server, order_check, order_send)
