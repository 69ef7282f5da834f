"""Opens venue sessions. Only the gateway imports this module: adapters bring their wire libraries along."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from apps.brokers.adapters.base import (
    BrokerAdapter,
    Capabilities,
    FeedSink,
    MarketFeed,
    SessionListener,
    SessionSettings,
    SymbolRecord,
)
from apps.brokers.adapters.mt5.adapter import Mt5Adapter
from apps.brokers.adapters.mt5.feed import Mt5Feed
from apps.brokers.connections.health import record_state
from apps.brokers.connections.mapping import map_symbols
from apps.brokers.domain.health import Health, Pulse, judge, venue_offset_s
from apps.brokers.errors import ProfileMismatch
from apps.brokers.models import BrokerConnection, Environment, Role
from apps.marketdata import clock
from apps.marketdata.domain.bar import Timeframe

logger = logging.getLogger(__name__)
T = TypeVar("T")
LATENCY_ROW_EVERY_S = 15.0


def open_orders_session(slug: str, *, listener: SessionListener | None = None) -> BrokerAdapter:
    """Make the session that carries orders; `await start()` connects it."""
    return _open(slug, Role.ORDERS, listener or SessionListener())


def open_quotes_session(slug: str, *, listener: SessionListener | None = None) -> BrokerAdapter:
    """Make the session that polls prices, apart from orders; `await start()` connects it."""
    return _open(slug, Role.QUOTES, listener or SessionListener())


def open_feed(session: BrokerAdapter, *, timeframe: Timeframe, sink: FeedSink) -> MarketFeed:
    """Make the loops that fetch quotes, closed bars and gaps over a quotes session."""
    return Mt5Feed(session, timeframe=timeframe, sink=sink, now=clock.desk_now, speed=clock.speed)


def _open(slug: str, role: Role, listener: SessionListener) -> BrokerAdapter:
    row = BrokerConnection.objects.get(slug=slug)
    if row.environment != Environment.PAPER and settings.MTQ_WORLD == "sim":
        raise ProfileMismatch(f"{slug} is a live connection, and this desk is a simulation")
    watch = _Watch(slug=slug, role=role, listener=listener)

    async def resolve(records: Sequence[SymbolRecord]) -> Mapping[str, str]:
        return await _in_thread(lambda: map_symbols(slug, records))

    adapter = Mt5Adapter(
        SessionSettings(url=row.url, profile=row.profile, **row.settings),
        resolve=resolve,
        listener=SessionListener(on_connected=watch.connected, on_lost=watch.lost, on_pulse=watch.pulse),
        now=clock.desk_now,
        speed=clock.speed,
    )
    watch.capabilities = lambda: adapter.capabilities
    return adapter


async def _in_thread(work: Callable[[], T]) -> T:
    """Run rows' work off the loop, and give the database connection back."""

    def run() -> T:
        try:
            return work()
        finally:
            close_old_connections()

    return await asyncio.to_thread(run)


@dataclass(slots=True, kw_only=True)
class _Watch:
    """Turns what a session says of itself into rows, and passes it on."""

    slug: str
    role: Role
    listener: SessionListener
    capabilities: Callable[[], Capabilities] | None = None
    written: tuple[Health, float] | None = None

    async def connected(self) -> None:
        await self._write(Pulse(connected=True), with_capabilities=True)
        await self.listener.on_connected()

    async def lost(self, reason: str) -> None:
        await self._write(Pulse(connected=False, complaint=reason))
        await self.listener.on_lost(reason)

    async def pulse(self, pulse: Pulse) -> None:
        if pulse.venue_at is not None and clock.speed() > 0:
            offset_s = venue_offset_s(pulse.venue_at, clock.desk_now())
            pulse = replace(pulse, offset_s=offset_s / clock.speed())
        health, _ = judge(pulse)
        due = self.written is None or time.monotonic() - self.written[1] > LATENCY_ROW_EVERY_S
        if due or (self.written is not None and self.written[0] != health):
            await self._write(pulse)
        await self.listener.on_pulse(pulse)

    async def _write(self, pulse: Pulse, *, with_capabilities: bool = False) -> None:
        found = asdict(self.capabilities()) if with_capabilities and self.capabilities else None
        try:
            health = await _in_thread(
                lambda: record_state(self.slug, role=self.role, pulse=pulse, capabilities=found)
            )
        except DatabaseError:
            # Health is told, not needed: the session works on, and the next heartbeat writes again.
            logger.exception("the state of %s (%s) was not written", self.slug, self.role)
            self.written = None
        else:
            self.written = (health, time.monotonic())
