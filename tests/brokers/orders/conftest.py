"""A desk for the order path: the real venue in its process, real rows, real sessions."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from apps.brokers import connections, execution
from apps.brokers.connections import BrokerAdapter, opening
from apps.brokers.dispatch import Sender, off_loop
from apps.brokers.gateway.desk import dsn
from apps.brokers.reconciliation import Watch, reconcile
from apps.marketdata import clock, ingestion
from apps.portfolio import books, ledger
from apps.portfolio.books import OrderView
from apps.portfolio.domain.order import OrderRequest, OrderStatus, Side
from apps.portfolio.domain.report import CashMovement
from apps.risk import changes
from apps.risk.domain.verdict import Approved, Verdict
from tests.brokers.venue_process import LOGIN, VenueProcess

ACCOUNT = "paper-1"
SLUG = "paper-mt5"
CAPS = {
    "max_order_lots": "50",
    "max_order_value": "10000000",
    "max_orders_per_second": "50",
    "max_orders_per_minute": "3000",
}


@pytest.fixture
def venue(tmp_path: Path, settings: Settings) -> Iterator[VenueProcess]:
    process = VenueProcess(home=tmp_path / "venue")
    settings.MTQ_CLOCK_FILE = process.clock_file
    settings.MTQ_REPLAY_DIR = tmp_path / "replay"
    process.start()
    try:
        yield process
    finally:
        process.kill()


@dataclass(slots=True, kw_only=True)
class Desk:
    """One paper account with its connection, and shorthands for what tests ask of it."""

    venue: VenueProcess
    gate_dir: Path
    keys: list[str] = field(default_factory=list)

    def sender(self, fence: int) -> Sender:
        return Sender(owner="test", fence=fence, gate_dir=self.gate_dir, dsn=dsn())

    def request(self, **changes: Any) -> OrderRequest:
        self.keys.append("k")
        facts: dict[str, Any] = {
            "account": ACCOUNT,
            "source": "user:1",
            "instrument": "EURUSD",
            "side": Side.BUY,
            "quantity": Decimal("0.10"),
            "signal_key": f"test-{len(self.keys)}",
            "requested_at": clock.desk_now(),
        }
        return OrderRequest(**(facts | changes))

    def submit(self, **changes: Any) -> Verdict:
        return execution.submit(request=self.request(**changes))

    def approved(self, **changes: Any) -> OrderView:
        verdict = self.submit(**changes)
        assert isinstance(verdict, Approved), verdict
        return verdict.order

    def order(self, order_id: str) -> OrderView:
        return books.order(order_id)

    def book_money_that_never_moved(self) -> None:
        movement = CashMovement(movement_id="forged", amount=Decimal(7), moved_at=clock.desk_now())
        ledger.book_external(account=ACCOUNT, cash=(movement,))

    def lots(self, instrument: str) -> Decimal:
        return books.position(ACCOUNT, instrument)

    def at_venue(self, order: OrderView) -> int:
        """Count this order in the venue's own log."""
        return sum(line["client_id"] == order.number for line in self.venue.log("order"))


@pytest.fixture
def desk(
    transactional_db: None, valkey: str, venue: VenueProcess, settings: Settings, tmp_path: Path
) -> Desk:
    # A minute of real time at the venue's speed: these tests are about orders, and a gateway may take some
    # seconds to start. How stale quotes deny is risk's to test.
    settings.MTQ_QUOTE_STALE_AFTER_S = 3600.0
    settings.MTQ_GATE_DIR = tmp_path / "gate"
    settings.MTQ_GATE_DIR.mkdir(mode=0o700)
    caps = settings.MTQ_GATE_DIR / "caps.json"
    caps.write_text(json.dumps(CAPS))
    caps.chmod(0o600)
    ledger.open_account(slug=ACCOUNT, currency="USD", login=str(LOGIN), leverage=Decimal(30))
    connections.seed_paper_connection(account_slug=ACCOUNT, url=venue.url(), login=LOGIN)
    changes.seed_paper_limits(ACCOUNT)
    return Desk(venue=venue, gate_dir=settings.MTQ_GATE_DIR)


@pytest.fixture
async def session(desk: Desk) -> AsyncIterator[BrokerAdapter]:
    """The orders session, connected, with fresh quotes on the shelf."""
    opened = await open_session()
    try:
        yield opened
    finally:
        await opened.close()


async def open_session() -> BrokerAdapter:
    """Connect, book the deposit, put the quotes up."""
    opened = await off_loop(opening.open_orders_session, SLUG)
    await opened.start()
    assert opened.connected
    await reconcile(opened, Watch(account=ACCOUNT), symbols={})
    await put_quotes(opened)
    return opened


@pytest.fixture
def session_quotes(desk: Desk) -> None:
    """Instruments and quotes, for tests that need no session of their own."""

    async def prime() -> None:
        await (await open_session()).close()

    asyncio.run(prime())


async def put_quotes(session: BrokerAdapter) -> None:
    """Put the venue's present quotes on the shelf, as ingestion does."""
    found = [await session.quote(name) for name in session.tradable]
    await off_loop(ingestion.publish_quotes, [quote for quote in found if quote is not None])


def has_status(order_id: str, *statuses: OrderStatus) -> Callable[[], OrderView | None]:
    def check() -> OrderView | None:
        order = books.order(order_id)
        return order if order.status in statuses else None

    return check
