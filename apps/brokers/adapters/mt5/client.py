"""One MCP connection to an MT5 server, owned by one task, opened again whenever it breaks."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from mcp import Client, MCPError
from mcp import types as mcp
from mcp.client.streamable_http import streamable_http_client

from apps.brokers.adapters.mt5.causes import root_cause, why_ended
from apps.brokers.adapters.mt5.wire import NOT_SENT, http_client
from apps.brokers.errors import BrokerError, NotSent, OutcomeUnknown, VenueUnavailable

logger = logging.getLogger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 5.0
SLOW_CALLS_TO_BREAK = 3
READ_MARGIN_S = 5.0  # the call's own timeout comes first; the socket's only ends what that left behind
LEAVE_WITHIN_S = 3.0
MEAN_WEIGHT = 0.1


class Session(Protocol):
    """What may be asked while a connection is being prepared."""

    @property
    def tools(self) -> Mapping[str, mcp.Tool]: ...
    async def ask(self, tool: str, arguments: Mapping[str, Any]) -> mcp.CallToolResult: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """`prepare` runs before calls are taken and refuses by raising; the others only hear."""

    prepare: Callable[[Session], Awaitable[None]]
    connected: Callable[[], Awaitable[None]]
    lost: Callable[[str], Awaitable[None]]
    heartbeat: Callable[[], Awaitable[None]]


class LinkBrokenError(Exception):
    """Ends a session from inside: its task leaves the client's block and everything in flight fails."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Call:
    tool: str
    arguments: Mapping[str, Any]
    timeout_s: float
    is_order: bool
    write_by: float | None
    answer: asyncio.Future[mcp.CallToolResult] = field(default_factory=asyncio.Future)
    handed_over: bool = False

    def fail(self, reason: str, *, proven_unsent: bool = False) -> None:
        if self.answer.done():
            return
        error: BrokerError = VenueUnavailable(f"{self.tool}: {reason}")
        if self.is_order:
            unsent = proven_unsent or not self.handed_over
            error = NotSent(reason) if unsent else OutcomeUnknown(f"{self.tool}: {reason}")
        self.answer.set_exception(error)

    def finish(self, result: mcp.CallToolResult) -> None:
        if not self.answer.done():
            self.answer.set_result(result)


@dataclass(frozen=True, slots=True)
class _OpenSession:
    client: Client
    tools: Mapping[str, mcp.Tool]
    timeout_s: float

    async def ask(self, tool: str, arguments: Mapping[str, Any]) -> mcp.CallToolResult:
        """Raise MCPError. One request, one answer: no resending, no second look at the schema."""
        params = mcp.CallToolRequestParams(name=tool, arguments=dict(arguments))
        return await self.client.session.send_request(
            mcp.CallToolRequest(params=params),
            mcp.CallToolResult,
            request_read_timeout_seconds=self.timeout_s,
        )

    def patient(self, timeout_s: float) -> "_OpenSession":
        return _OpenSession(self.client, self.tools, timeout_s)


class VenueLink:
    """Calls may come from any task, several at once; each waits on a future of its own.

    Calls made while there is no connection fail at once: NotSent for orders, else VenueUnavailable.
    """

    def __init__(
        self, *, url: str, hooks: Hooks, timeout_s: float, heartbeat_s: float, read_s: float
    ) -> None:
        self._url = url
        self._hooks = hooks
        self._timeout_s = timeout_s
        self._heartbeat_s = heartbeat_s
        self._read_s = read_s
        self._calls: asyncio.Queue[_Call | None] = asyncio.Queue()  # None: take no more, end what runs
        self._in_flight: set[_Call] = set()
        self._owner: asyncio.Task[None] | None = None
        self._first_try = asyncio.Event()
        self._connected = False
        self._attempts = 0
        self._why_to_leave = ""
        self.reason = "not started"
        self.latency_ms: float | None = None
        self.failures_in_a_row = 0

    @property
    def connected(self) -> bool:
        return self._connected

    async def start(self) -> None:
        """Begin, and return once the first try to connect has succeeded or failed."""
        if self._owner is None:
            self._owner = asyncio.create_task(self._keep_open(), name=f"mcp {self._url}")
        await self._first_try.wait()

    async def close(self) -> None:
        if self._owner is not None:
            self._owner.cancel()
            await asyncio.wait({self._owner})
            self._owner = None

    def renew(self, reason: str) -> None:
        """Connect and prepare anew, once the calls that are running have ended."""
        if self._connected and not self._why_to_leave:
            self._why_to_leave = reason
            self._calls.put_nowait(None)

    async def call(
        self,
        tool: str,
        arguments: Mapping[str, Any],
        *,
        timeout_s: float | None = None,
        is_order: bool = False,
        write_by: float | None = None,
    ) -> mcp.CallToolResult:
        """Ask once. `write_by` is the monotonic instant after which an order is not handed over any more."""
        if not self._connected:
            raise (NotSent if is_order else VenueUnavailable)(f"no connection: {self.reason}")
        call = _Call(
            tool=tool,
            arguments=arguments,
            timeout_s=timeout_s or self._timeout_s,
            is_order=is_order,
            write_by=write_by,
        )
        self._calls.put_nowait(call)
        return await call.answer

    async def _keep_open(self) -> None:
        while True:
            # A task for each session: the transport cancels the task that entered the client, not this one.
            session = asyncio.create_task(self._one_session(), name=f"mcp session {self._url}")
            try:
                await asyncio.wait({session})
            except asyncio.CancelledError:
                session.cancel()
                await asyncio.wait({session}, timeout=LEAVE_WITHIN_S)
                await self._lose("closed")
                raise
            await self._lose(why_ended(session))
            await asyncio.sleep(self._pause_s())

    def _pause_s(self) -> float:
        self._attempts += 1
        ceiling = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(self._attempts - 1, 10))
        return ceiling * random.uniform(0.5, 1.0)  # noqa: S311 - spreads reconnects, guards nothing

    async def _one_session(self) -> None:
        async with (
            http_client(read_timeout_s=self._read_s + READ_MARGIN_S) as http,
            Client(streamable_http_client(self._url, http_client=http), cache=None) as client,
        ):
            tools = {tool.name: tool for tool in await _all_tools(client)}
            session = _OpenSession(client, tools, self._timeout_s)
            await self._hooks.prepare(session)
            self._attempts = 0
            self.failures_in_a_row = 0
            await self._serve(session)

    async def _serve(self, session: _OpenSession) -> None:
        self._connected = True
        self._why_to_leave = ""
        self.reason = ""
        self._first_try.set()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._told(self._hooks.connected()))
            beat = group.create_task(self._beat())
            while (call := await self._calls.get()) is not None:
                self._in_flight.add(call)
                group.create_task(self._carry(session, call))
            self._connected = False
            beat.cancel()
        raise LinkBrokenError(self._why_to_leave)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_s)
            await self._told(self._hooks.heartbeat())

    async def _told(self, hook: Awaitable[None]) -> None:
        try:
            await hook
        except BrokerError as error:
            logger.info("%s: a listener met %s", self._url, error)
        except Exception:  # an edge: what a listener breaks must not close the connection
            logger.exception("%s: a listener failed", self._url)

    async def _carry(self, session: _OpenSession, call: _Call) -> None:
        try:
            await self._ask(session, call)
        finally:
            self._in_flight.discard(call)

    async def _ask(self, session: _OpenSession, call: _Call) -> None:
        if call.write_by is not None and time.monotonic() > call.write_by:
            call.fail("waited too long between the gate and the first byte")
            return
        call.handed_over = True
        started = time.monotonic()
        try:
            call.finish(await session.patient(call.timeout_s).ask(call.tool, call.arguments))
        except MCPError as error:
            self._judge(call, error)
        except asyncio.CancelledError:
            call.fail("the connection broke during the call")
            raise
        except Exception as error:  # what the client cannot read is no answer, and what follows may be worse
            call.fail(f"unreadable answer: {root_cause(error)}")
            raise LinkBrokenError(root_cause(error)) from error
        else:
            self._answered((time.monotonic() - started) * 1000)

    def _answered(self, took_ms: float) -> None:
        self.failures_in_a_row = 0
        old = took_ms if self.latency_ms is None else self.latency_ms
        self.latency_ms = old + MEAN_WEIGHT * (took_ms - old)

    def _judge(self, call: _Call, error: MCPError) -> None:
        """Fail the call; end the session too unless it was only this call that was slow or refused."""
        call.fail(f"{error.message} ({error.code})", proven_unsent=error.code == NOT_SENT)
        self.failures_in_a_row += 1
        one_call_only = {mcp.REQUEST_TIMEOUT, mcp.INVALID_PARAMS}
        if error.code not in one_call_only or self.failures_in_a_row >= SLOW_CALLS_TO_BREAK:
            raise LinkBrokenError(f"{error.message} ({error.code})")

    async def _lose(self, reason: str) -> None:
        was_connected, self._connected = self._connected, False
        changed, self.reason = reason != self.reason, reason
        while not self._calls.empty():
            if (call := self._calls.get_nowait()) is not None:
                self._in_flight.add(call)
        # A task that is cancelled before its first step never ran, so nobody else fails its call.
        for call in self._in_flight:
            call.fail(reason)
        self._in_flight.clear()
        self._first_try.set()
        if was_connected or changed:
            await self._told(self._hooks.lost(reason))


async def _all_tools(client: Client) -> list[mcp.Tool]:
    page = await client.list_tools()
    tools = list(page.tools)
    while page.next_cursor:
        page = await client.list_tools(cursor=page.next_cursor)
        tools += page.tools
    return tools
