"""A fresh venue for each test, and adapters that speak to it."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from apps.brokers.adapters.base import SessionListener, SessionSettings, SymbolRecord, VenueOrder
from apps.brokers.adapters.mt5.adapter import Mt5Adapter
from apps.marketdata import clock
from apps.portfolio.domain.order import OrderType, Side, client_order_id, venue_number
from tests.brokers.venue_process import LOGIN, VenueProcess

_count = itertools.count(1)


ACCOUNTS = 40
_logins = itertools.count(LOGIN)


@pytest.fixture(scope="session")
def shared_venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VenueProcess]:
    accounts = json.dumps([{"login": LOGIN + place} for place in range(ACCOUNTS)])
    process = VenueProcess(home=tmp_path_factory.mktemp("shared") / "venue")
    process.start("--accounts", accounts)
    yield process
    process.kill()


@pytest.fixture
def venue(shared_venue: VenueProcess, settings: Any) -> VenueProcess:
    """Give the venue that all tests share: each has an account of its own there."""
    settings.MTQ_CLOCK_FILE = shared_venue.clock_file
    return shared_venue


@pytest.fixture
def login(request: pytest.FixtureRequest) -> int:
    return LOGIN if "mortal_venue" in request.fixturenames else next(_logins)


@pytest.fixture
def mortal_venue(tmp_path: Path, settings: Any) -> Iterator[VenueProcess]:
    """Give a venue that the test may kill."""
    process = VenueProcess(home=tmp_path / "venue")
    process.start()
    settings.MTQ_CLOCK_FILE = process.clock_file
    yield process
    process.kill()


@dataclass(slots=True)
class Heard:
    """What a session told its listener. `back` and `gone` are set with each change."""

    back: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    reasons: list[str] = field(default_factory=list)

    def listener(self) -> SessionListener:
        async def connected() -> None:
            self.gone.clear()
            self.back.set()

        async def lost(reason: str) -> None:
            self.reasons.append(reason)
            self.back.clear()
            self.gone.set()

        return SessionListener(on_connected=connected, on_lost=lost)


async def as_listed(records: Sequence[SymbolRecord]) -> dict[str, str]:
    return {record.symbol: record.symbol for record in records}


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def make_adapter(request: pytest.FixtureRequest, heard: Heard, login: int) -> Callable[..., Mt5Adapter]:
    mortal = "mortal_venue" in request.fixturenames
    where: VenueProcess = request.getfixturevalue("mortal_venue" if mortal else "venue")

    def make(**changes: Any) -> Mt5Adapter:
        known = SessionSettings(url=where.url(login), profile="qoyyuum", login=login, heartbeat_s=0.2)
        return Mt5Adapter(
            replace(known, **changes),
            resolve=as_listed,
            listener=heard.listener(),
            now=clock.desk_now,
            speed=clock.speed,
        )

    return make


@pytest_asyncio.fixture
async def adapter(make_adapter: Callable[..., Mt5Adapter], heard: Heard) -> AsyncIterator[Mt5Adapter]:
    session = make_adapter()
    await session.start()
    assert session.connected, heard.reasons
    yield session
    await session.close()


@pytest.fixture
def order() -> Callable[..., VenueOrder]:
    """Make a market order for 0.10 EURUSD, each with an id of its own."""

    def make(**changes: Any) -> VenueOrder:
        order_id = client_order_id(
            deployment="contract", source="agent:test", signal_key=str(next(_count)), leg=0
        )
        plain = VenueOrder(
            client_order_id=order_id,
            number=venue_number(order_id),
            instrument="EURUSD",
            symbol="EURUSD",
            side=Side.BUY,
            quantity=Decimal("0.10"),
            order_type=OrderType.MARKET,
            price=None,
            stop_loss=None,
            take_profit=None,
            ticket="",
        )
        return replace(plain, **changes)

    return make
