"""Opens venue sessions, knows which symbols they trade, and keeps the health of each as rows."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, close_old_connections, transaction
from django.db import connection as db_connection
from django.db.models.functions import Now
from django.utils import timezone

from apps.broadcast import bell
from apps.brokers.adapters.base import (
    BrokerAdapter,
    Capabilities,
    FeedSink,
    MarketFeed,
    SessionListener,
    SessionSettings,
    SymbolRecord,
    VenueOrder,
    VenuePosition,
)
from apps.brokers.adapters.mt5.adapter import Mt5Adapter
from apps.brokers.adapters.mt5.feed import Mt5Feed
from apps.brokers.domain.health import Health, Pulse, judge, venue_offset_s
from apps.brokers.domain.symbols import KNOWN, Offered, SymbolChoice, resolve_all
from apps.brokers.errors import ProfileMismatch
from apps.brokers.models import BrokerConnection, Environment, GatewayLease, Role, SymbolMapping
from apps.marketdata import clock, ingestion
from apps.marketdata.domain.bar import Timeframe
from apps.risk import alerts

__all__ = [
    "BrokerAdapter",
    "Capabilities",
    "ConnectionView",
    "FeedSink",
    "MarketFeed",
    "SessionListener",
    "VenueOrder",
    "VenuePosition",
    "base_timeframe",
    "enabled",
    "open_feed",
    "open_orders_session",
    "open_quotes_session",
    "record_state",
    "renew_fence",
    "seed_paper_connection",
    "symbols",
    "take_fence",
]

logger = logging.getLogger(__name__)
T = TypeVar("T")
LATENCY_ROW_EVERY_S = 15.0
DEFAULT_QUIET_PERIOD_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionView:
    slug: str
    account: str
    venue: str
    environment: str
    state: Health
    accepts_orders: bool
    quiet_period_s: int


def enabled() -> list[ConnectionView]:
    """List the connections that staff left switched on."""
    return [_view(row) for row in BrokerConnection.objects.filter(enabled=True)]


def symbols(slug: str) -> dict[str, str]:
    """Map instrument to venue symbol, confirmed ones only."""
    rows = SymbolMapping.objects.filter(connection__slug=slug, confirmed=True)
    return dict(rows.values_list("instrument", "symbol"))


def base_timeframe() -> Timeframe:
    """Return the finest timeframe that the venue's bars have: that of the replayed data, else one minute."""
    manifest = settings.MTQ_REPLAY_DIR / "manifest.json"
    if settings.MTQ_WORLD != "sim" or not manifest.exists():
        return Timeframe.M1
    return Timeframe.from_minutes(json.loads(manifest.read_text())["timeframe_minutes"])


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

    async def map_symbols(records: Sequence[SymbolRecord]) -> Mapping[str, str]:
        return await _in_thread(lambda: _map_symbols(slug, records))

    adapter = Mt5Adapter(
        SessionSettings(url=row.url, profile=row.profile, **row.settings),
        resolve=map_symbols,
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


def record_state(
    slug: str, *, role: str, pulse: Pulse, capabilities: Mapping[str, Any] | None = None
) -> Health:
    """Write a session's health to its connection, and a check row where it changed."""
    health, reason = judge(pulse)
    with transaction.atomic():
        row = BrokerConnection.objects.select_for_update().get(slug=slug)
        last = row.checks.filter(role=role).first()
        changed = last is None or last.state != health
        if changed:
            row.checks.create(role=role, state=health, detail=reason, latency_ms=pulse.latency_ms)
            logger.log(
                logging.INFO if health is Health.UP else logging.WARNING,
                "%s (%s) is %s%s", slug, role, health, f": {reason}" if reason else "",
            )  # fmt: skip
        if role == Role.ORDERS:
            _update_row(row, pulse, health, reason)
        if capabilities is not None:
            row.capabilities = dict(capabilities)
        row.save()
        if changed:
            bell.after_commit("connection", slug)
    return health


def _update_row(row: BrokerConnection, pulse: Pulse, health: Health, reason: str) -> None:
    if row.state != health or row.state_since_at is None:
        row.state, row.state_since_at = health.value, timezone.now()
    if pulse.latency_ms is not None:
        row.latency_ms = round(pulse.latency_ms, 1)
    if reason:
        row.last_error = reason


def _map_symbols(slug: str, records: Sequence[SymbolRecord]) -> dict[str, str]:
    """Decide which symbol is which instrument, keep it as rows, register the specs."""
    with transaction.atomic():
        row = BrokerConnection.objects.select_for_update().get(slug=slug)
        kept = {mapping.instrument: mapping for mapping in row.symbols.all()}
        is_paper = row.environment == Environment.PAPER
        choices = resolve_all(
            [*kept, *KNOWN],
            [_offered(record) for record in records],
            aliases={name: mapping.symbol for name, mapping in kept.items() if mapping.symbol},
            adopt_rest=is_paper,
        )
        for choice in choices:
            _keep(row, kept.get(choice.instrument), choice, is_paper=is_paper)
    used = symbols(slug)
    specs = {record.symbol: record.spec for record in records}
    ingestion.register(
        source=settings.MTQ_RUN if settings.MTQ_WORLD == "sim" else slug,
        specs=[
            (symbol, replace(spec, name=instrument))
            for instrument, symbol in used.items()
            if (spec := specs.get(symbol)) is not None
        ],
    )
    return used


def _offered(record: SymbolRecord) -> Offered:
    return Offered(
        symbol=record.symbol,
        currency_base=record.currency_base,
        currency_profit=record.currency_profit,
        complaint=record.complaint,
    )


def _keep(
    connection: BrokerConnection, row: SymbolMapping | None, choice: SymbolChoice, *, is_paper: bool
) -> None:
    if row is None:
        row = SymbolMapping(connection=connection, instrument=choice.instrument)
        row.confirmed = bool(choice.symbol) and (is_paper or choice.symbol == choice.instrument)
    row.symbol = choice.symbol or row.symbol
    if choice.refusal:
        row.confirmed = False
    if choice.refusal and choice.refusal != row.refusal:
        alerts.raise_alert(
            level="warning",
            rule="symbol_mapping",
            text=f"{connection.slug} does not trade {choice.instrument}: {choice.refusal}",
            key=f"symbol:{connection.slug}:{choice.instrument}",
        )
    row.refusal = choice.refusal
    row.save()


def _view(row: BrokerConnection) -> ConnectionView:
    return ConnectionView(
        slug=row.slug,
        account=row.account_id,
        venue=row.venue,
        environment=row.environment,
        state=Health(row.state),
        accepts_orders=row.accepts_orders,
        quiet_period_s=int(row.capabilities.get("quiet_period_s", DEFAULT_QUIET_PERIOD_S)),
    )


def seed_paper_connection(*, account_slug: str, url: str, login: int, slug: str = "paper-mt5") -> None:
    """Make the connection to the simulated venue, or move it to the venue's present address."""
    BrokerConnection.objects.update_or_create(
        slug=slug,
        defaults={"url": url},
        create_defaults={"url": url, "account_id": account_slug, "settings": {"login": login}},
    )


def take_fence(owner: str) -> int:
    """Become the one gateway that may send: every earlier fence is void from now on."""
    with db_connection.cursor() as cursor:
        cursor.execute(
            "insert into brokers_gatewaylease as lease (id, fence, owner) values (1, 1, %s) "
            "on conflict (id) do update set fence = lease.fence + 1, owner = excluded.owner, "
            "taken_at = now(), renewed_at = now() returning fence",
            [owner],
        )
        return int(cursor.fetchone()[0])


def renew_fence(owner: str, fence: int) -> bool:
    """Say that this gateway lives. False: another one took over, stop sending."""
    rows = GatewayLease.objects.filter(id=1, owner=owner, fence=fence)
    return rows.update(renewed_at=Now()) == 1
