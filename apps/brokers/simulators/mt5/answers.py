"""How a tool answers."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from mcp.server import MCPServer
from mcp.types import CallToolResult, TextContent

from apps.brokers.simulators.mt5.terminal import Terminal

_SHORT = 50  # longer lists are not repeated as text


async def answer(terminal: Terminal, value: Any) -> CallToolResult:
    """Wrap a value as the server does, once everything it may show is on disk."""
    await terminal.venue.journal.durable()
    structured = value if isinstance(value, dict) else {"result": value}
    many = isinstance(value, list) and len(value) > _SHORT
    text = f"{len(value)} records, see the structured content" if many else json.dumps(value)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=structured)


def add(server: MCPServer, *tools: Callable[..., Awaitable[CallToolResult]]) -> None:
    for tool in tools:
        server.add_tool(tool)
