"""A session with one MT5 account, as the adapter uses it: prepared at each connect, asked in our words."""

import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from mcp import types as mcp

from apps.brokers.adapters.base import Resolve, SessionListener, SessionSettings
from apps.brokers.adapters.mt5 import client
from apps.brokers.adapters.mt5.answers import ToolRefusedError, as_records, payload_of
from apps.brokers.adapters.mt5.numbers import BadPayloadError, server_wall
from apps.brokers.adapters.mt5.opening import Opening, Prepared
from apps.brokers.adapters.mt5.profile import profile_named
from apps.brokers.domain.health import Pulse
from apps.brokers.errors import BrokerError, VenueUnavailable
from apps.marketdata.domain.instrument import InstrumentSpec

COMPLAIN_FOR_S = 10.0
NO_TERMINAL = re.compile(r"MT5 Error -1000[1-4]")
Record = dict[str, Any]
T = TypeVar("T")


class Mt5Session:
    def __init__(
        self,
        settings: SessionSettings,
        *,
        resolve: Resolve,
        listener: SessionListener,
        now: Callable[[], datetime],
        speed: Callable[[], float],
    ) -> None:
        self.settings = settings
        self.now = now
        self.profile = profile_named(settings.profile)
        self._opening = Opening(
            settings=settings, profile=self.profile, resolve=resolve, now=now, speed=speed
        )
        self._prepared: Prepared | None = None
        self._listener = listener
        self._complaint = ("", 0.0)
        self.link = client.VenueLink(
            url=settings.url,
            hooks=client.Hooks(
                prepare=self._prepare,
                connected=listener.on_connected,
                lost=listener.on_lost,
                heartbeat=self._heartbeat,
            ),
            timeout_s=settings.question_timeout_s,
            heartbeat_s=settings.heartbeat_s,
            read_s=max(settings.order_timeout_s, settings.bars_timeout_s),
        )

    async def _prepare(self, session: client.Session) -> None:
        self._prepared = await self._opening.prepare(session)

    @property
    def facts(self) -> Prepared:
        """What the last connect found. Raise VenueUnavailable before the first one."""
        if self._prepared is None:
            raise VenueUnavailable(f"never connected: {self.link.reason}")
        return self._prepared

    @property
    def is_prepared(self) -> bool:
        return self._prepared is not None

    def spec(self, instrument: str) -> InstrumentSpec:
        """Raise VenueUnavailable for an instrument that is not mapped."""
        try:
            return self.facts.specs[instrument]
        except KeyError:
            raise VenueUnavailable(f"{instrument} has no confirmed symbol at this venue") from None

    def complain(self, text: str) -> None:
        """Count the session as degraded for a while."""
        self._complaint = (text, time.monotonic() + COMPLAIN_FOR_S)

    async def ask(self, operation: str, *, timeout_s: float | None = None, **arguments: Any) -> Any:
        """Ask a question once. Raise VenueUnavailable unless there is an answer."""
        chosen = self.profile.operations[operation]
        answer = await self.link.call(chosen.tool, chosen.arguments(**arguments), timeout_s=timeout_s)
        try:
            return payload_of(answer)
        except ToolRefusedError as error:
            self.notice(str(error))
            raise VenueUnavailable(f"{operation}: {error}") from error

    def notice(self, refusal: str) -> None:
        """Initialise and log in again at a server that lost its terminal."""
        if NO_TERMINAL.search(refusal):
            self.link.renew(refusal.strip().splitlines()[-1])

    async def ask_list(
        self, operation: str, *, timeout_s: float | None = None, **arguments: Any
    ) -> list[Record]:
        """Ask for records. An empty answer counts only when the terminal proves its health after it."""
        found = as_records(await self.ask(operation, timeout_s=timeout_s, **arguments))
        if not found:
            await self.check_health()
        return found

    async def check_health(self) -> Record:
        """Return the account's record. Some calls answer [] when the terminal is gone; these two do not."""
        terminal = await self.ask("terminal")
        if not isinstance(terminal, dict) or not terminal.get("connected", True):
            raise VenueUnavailable("the terminal has no connection to its trade server")
        record = await self.ask("account")
        if not isinstance(record, dict):
            raise VenueUnavailable("the terminal knows no account")
        return record

    async def order(self, request: Record, *, timeout_s: float, write_by: float) -> mcp.CallToolResult:
        """Send a trade request once. Raise NotSent or OutcomeUnknown."""
        chosen = self.profile.operations["send"]
        return await self.link.call(
            chosen.tool, chosen.arguments(request), timeout_s=timeout_s, is_order=True, write_by=write_by
        )

    async def _heartbeat(self) -> None:
        complaint, until = self._complaint
        complaint = complaint if time.monotonic() < until else ""
        venue_at = None
        try:
            terminal = await self.ask("terminal")
            if not terminal.get("connected", True):
                complaint = "the terminal has no connection to its trade server"
            elif not terminal.get("trade_allowed", True):
                complaint = "trading is switched off in the terminal"
            if terminal.get("server_time"):
                venue_at = self.facts.names.server.to_utc(server_wall(terminal["server_time"]))
        except (BrokerError, BadPayloadError) as error:
            complaint = str(error)
        if self.link.connected:
            await self._listener.on_pulse(
                Pulse(
                    connected=True,
                    latency_ms=self.link.latency_ms,
                    failures_in_a_row=self.link.failures_in_a_row,
                    venue_at=venue_at,
                    complaint=complaint,
                )
            )


def read(what: str, parser: Callable[[], T]) -> T:
    """Run a parser over an answer. What cannot be read is no information: raise VenueUnavailable."""
    try:
        return parser()
    except (BadPayloadError, KeyError, TypeError, AttributeError) as error:
        raise VenueUnavailable(f"{what}: the answer cannot be read: {error!r}") from error
