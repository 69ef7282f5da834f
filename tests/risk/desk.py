"""A small desk to ask for permits on, with its market moved by hand."""

import json
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from django.conf import LazySettings
from django.db import connection
from pytest_django import Settings

from apps.marketdata import clock, ingestion, instruments, quotes
from apps.marketdata.domain.quote import Quote
from apps.portfolio import ledger
from apps.portfolio.domain.order import OrderRequest, OrderStatus, Side
from apps.portfolio.domain.report import CashMovement, ExecutionReport, ReportedFill
from apps.portfolio.domain.views import OrderView
from apps.risk import changes, covariances, review
from apps.risk.domain.change import ChangeKind
from apps.risk.domain.limits import Metric, Unit
from apps.risk.domain.verdict import Approved, Denied, Verdict
from apps.risk.errors import NeedsSecondPerson
from apps.risk.models import RiskLimit
from tests.risk.cast import AGENT, EURGBP, EURUSD, USDJPY

ACCOUNT = "paper-1"
WEDNESDAY = "2026-01-07T12:00:00.000000Z"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_numbers = count(1)
T = TypeVar("T")


def open_desk(settings: Settings | LazySettings, folder: Path) -> "Desk":
    settings.MTQ_RUN = f"run-{uuid.uuid4().hex[:12]}"
    settings.MTQ_CLOCK_FILE = folder / "clock.json"
    anchor = {
        "epoch": 1,
        "desk_at": WEDNESDAY,
        "monotonic_ns": time.monotonic_ns(),
        "boot_id": BOOT_ID.read_text().strip(),
        "wall_at": WEDNESDAY,
        "speed": 1.0,
        "market": "synthetic",
        "ended": False,
    }
    settings.MTQ_CLOCK_FILE.write_text(json.dumps(anchor))
    instruments.forget()
    ingestion.register(
        source=settings.MTQ_RUN, specs=[(known.name, known) for known in (EURUSD, USDJPY, EURGBP)]
    )
    instruments.forget()
    covariances.forget()
    desk = Desk()
    ledger.open_account(slug=ACCOUNT, currency="USD", leverage=Decimal(30))
    desk.deposit("100000")
    changes.seed_paper_limits(ACCOUNT)
    # Races repeat themselves: who asks about repeats says how many.
    RiskLimit.objects.filter(metric=Metric.REPEATS).update(hard=1000)
    desk.quote("EURUSD", "1.24999", "1.25001")
    desk.quote("USDJPY", "149.99", "150.01")
    return desk


class Desk:
    """What happens around risk: quotes, money, fills; and requests, asked one by one or all at once."""

    def deposit(self, amount: str) -> None:
        movement = CashMovement(
            movement_id=f"cash-{next(_numbers)}", amount=Decimal(amount), moved_at=clock.desk_now()
        )
        ledger.book_external(account=ACCOUNT, cash=[movement])

    def quote(self, name: str, bid: str, ask: str, *, age_s: float = 0) -> None:
        at = clock.desk_now() - timedelta(seconds=age_s)
        quotes.shelf().put([Quote(instrument=name, bid=Decimal(bid), ask=Decimal(ask), quote_at=at)])

    def request(self, lots: str = "1", side: Side = Side.BUY, **changes: Any) -> OrderRequest:
        usual = OrderRequest(
            account=ACCOUNT,
            source=AGENT,
            instrument="EURUSD",
            side=side,
            quantity=Decimal(lots),
            signal_key=f"key-{next(_numbers)}",
            requested_at=clock.desk_now(),
            stop_distance=Decimal("0.0005"),
        )
        return replace(usual, **changes)

    def ask(self, lots: str = "1", side: Side = Side.BUY, **changes: Any) -> Verdict:
        return review.permit(self.request(lots, side, **changes))

    def reasons(self, lots: str = "1", side: Side = Side.BUY, **changes: Any) -> set[str]:
        verdict = self.ask(lots, side, **changes)
        return {breach.reason for breach in verdict.reasons} if isinstance(verdict, Denied) else set()

    def hold(self, lots: str, side: Side = Side.BUY, price: str = "1.25", **changes: Any) -> None:
        """Get an order approved and filled."""
        verdict = self.ask(lots, side, **changes)
        assert isinstance(verdict, Approved), verdict
        claimed = ledger.claim(owner="test", fence=1, lease_s=5)
        assert claimed is not None
        ledger.apply(account=ACCOUNT, report=self.filled(claimed, price))

    def filled(self, order: OrderView, price: str = "1.25") -> ExecutionReport:
        """Return the venue's report that an order has filled as a whole."""
        fill = ReportedFill(
            execution_id=f"deal-{next(_numbers)}",
            venue_order_id="1",
            venue_position_id="1",
            client_number=order.number,
            instrument=order.instrument,
            side=order.side,
            quantity=order.quantity,
            price=Decimal(price),
            profit=Decimal(0),
            executed_at=clock.desk_now(),
        )
        return ExecutionReport(
            client_order_id=order.client_order_id, status=OrderStatus.FILLED, fills=(fill,)
        )

    def limit(
        self, scope: str, metric: Metric, hard: str, unit: Unit = Unit.LOTS, instrument: str = ""
    ) -> None:
        """Put a limit in force: a tighter one at once, any other by two people."""
        wanted: dict[str, Any] = {"scope": scope, "metric": metric, "unit": unit, "instrument": instrument}
        try:
            changes.set_limit(**wanted, hard=Decimal(hard), reason="test", by="user:1")
        except NeedsSecondPerson:
            asked = changes.propose(
                kind=ChangeKind.LIMIT, payload=wanted | {"hard": hard}, reason="test", by="user:1"
            )
            changes.approve(asked.id, by="user:2", reason="test")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Run each call in a thread with a connection of its own, all released together."""
    gate = threading.Barrier(len(calls))

    def one(call: Callable[[], T]) -> T:
        try:
            connection.ensure_connection()
            gate.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))
