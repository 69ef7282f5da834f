"""A venue in a process of its own, and an MCP client before it."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

from tests.brokers.venue_process import LOGIN, VenueProcess

Call = Callable[..., Any]


class Refused(Exception):  # noqa: N818 -- a refusal is an answer
    """What an error answer of the server says."""


@asynccontextmanager
async def terminal(venue: VenueProcess, *symbols: str, login: int | None = None) -> AsyncIterator[Call]:
    """Give `call(tool, **arguments)` of a terminal that is logged in and shows these symbols."""
    async with Client(venue.url(login)) as client:

        async def call(tool: str, **arguments: Any) -> Any:
            result = await client.call_tool(tool, arguments)
            if result.is_error:
                raise Refused(result.content[0].text)  # type: ignore[union-attr]
            content: Any = result.structured_content
            return content["result"] if set(content) == {"result"} else content

        await call("initialize", path="")
        await call("login", login=login or LOGIN, password="", server="")
        for symbol in symbols:
            await call("symbol_select", symbol=symbol)
        yield call


@pytest.fixture
def process(tmp_path: Path) -> Iterator[VenueProcess]:
    """A venue that the test starts itself, and may kill."""
    made = VenueProcess(home=tmp_path / "venue home")
    yield made
    made.kill()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VenueProcess]:
    """One running venue for the tests that leave no orders behind."""
    made = VenueProcess(home=tmp_path_factory.mktemp("shared") / "home")
    made.start()
    yield made
    made.kill()
