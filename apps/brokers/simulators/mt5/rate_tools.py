"""The copy_* calls: bars and ticks in server time."""

from collections.abc import Callable
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult

from apps.brokers.simulators.mt5.answers import add, answer
from apps.brokers.simulators.mt5.rates import server_seconds
from apps.brokers.simulators.mt5.terminal import Terminal

MAX_TICKS = 10_000


def rate_tools(server: MCPServer, terminal: Terminal) -> None:
    _bar_tools(server, terminal)
    _tick_tools(server, terminal)


async def _give(
    terminal: Terminal, symbol: str, make: Callable[[int], list[dict[str, Any]]]
) -> CallToolResult:
    """Answer with the rows that `make(now)` returns; its ValueError is what MT5 calls invalid parameters."""
    terminal.shown(symbol, "rates")
    terminal.venue.advance()
    try:
        rows = make(terminal.venue.now_s)
    except ValueError as wrong:
        terminal.error = (-2, str(wrong))
        raise ToolError(f"Failed to copy rates. MT5 Error -2: {wrong}") from wrong
    return await answer(terminal, rows)


def _bar_tools(server: MCPServer, terminal: Terminal) -> None:
    rates = terminal.rates

    async def copy_rates_from_pos(symbol: str, timeframe: int, start_pos: int, count: int) -> CallToolResult:
        def make(now_s: int) -> list[dict[str, Any]]:
            return rates.back(symbol, timeframe, None, start_pos, count, now_s)

        return await _give(terminal, symbol, make)

    async def copy_rates_from_date(symbol: str, timeframe: int, date_from: str, count: int) -> CallToolResult:
        def make(now_s: int) -> list[dict[str, Any]]:
            return rates.back(symbol, timeframe, server_seconds(date_from), 0, count, now_s)

        return await _give(terminal, symbol, make)

    async def copy_rates_range(symbol: str, timeframe: int, date_from: str, date_to: str) -> CallToolResult:
        def make(now_s: int) -> list[dict[str, Any]]:
            return rates.range(symbol, timeframe, server_seconds(date_from), server_seconds(date_to), now_s)

        return await _give(terminal, symbol, make)

    add(server, copy_rates_from_pos, copy_rates_from_date, copy_rates_range)


def _tick_tools(server: MCPServer, terminal: Terminal) -> None:
    rates = terminal.rates

    async def copy_ticks_range(symbol: str, date_from: str, date_to: str, flags: int = -1) -> CallToolResult:  # noqa: ARG001
        def make(now_s: int) -> list[dict[str, Any]]:
            return rates.ticks(symbol, server_seconds(date_from), server_seconds(date_to), now_s, MAX_TICKS)

        return await _give(terminal, symbol, make)

    async def copy_ticks_from_date(
        symbol: str,
        date_from: str,
        count: int,
        flags: int = -1,  # noqa: ARG001 -- one kind of tick
    ) -> CallToolResult:
        def make(now_s: int) -> list[dict[str, Any]]:
            until = terminal.records.seconds(now_s)
            return rates.ticks(symbol, server_seconds(date_from), until, now_s, min(count, MAX_TICKS))

        return await _give(terminal, symbol, make)

    add(server, copy_ticks_range, copy_ticks_from_date)
