"""What stands in a tool's answer: structured JSON, else its text blocks."""

import json
from typing import Any

from mcp import types as mcp


class ToolRefusedError(Exception):
    """The tool itself said no. For an order the text may carry a return code, or prove nothing."""


def text_of(result: mcp.CallToolResult) -> str:
    return "\n".join(block.text for block in result.content if isinstance(block, mcp.TextContent))


def payload_of(result: mcp.CallToolResult) -> Any:
    """Return what the tool returned. Raise ToolRefusedError with its text where it reports an error."""
    if result.is_error:
        raise ToolRefusedError(text_of(result))
    if result.structured_content is not None:
        inner = result.structured_content
        return inner["result"] if isinstance(inner, dict) and inner.keys() == {"result"} else inner
    blocks = [block.text for block in result.content if isinstance(block, mcp.TextContent)]
    try:
        values = [json.loads(text) for text in blocks]
    except ValueError as error:
        raise ToolRefusedError(f"not JSON: {blocks[0][:200]}") from error
    # A list may come as one block for each item, or as no block at all where it is empty.
    return values[0] if len(values) == 1 else values


def as_records(payload: Any) -> list[dict[str, Any]]:
    """Return a list of records; a single one may come unwrapped, and no answer at all is none."""
    if payload is None:
        return []
    return [payload] if isinstance(payload, dict) else list(payload)
