"""What a race is held on: funded accounts, one instrument, wide limits, and a market that stands still."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.marketdata import clock, ingestion, quotes
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.portfolio import ledger
from apps.portfolio.domain.order import OrderRequest, OrderStatus, Side
from apps.portfolio.domain.report import CashMovement, ExecutionReport, ReportedFill
from apps.risk import changes, covariances, snapshots
from apps.risk.domain.change import ChangeKind
from apps.risk.domain.limits import Metric, Unit
from apps.risk.errors import NeedsSecondPerson
from apps.risk.models import Covariance, RiskLimit

WEDNESDAY = "2026-01-07T12:00:00.000000Z"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
BY = "drill"
MAKER, SECOND = "user:1", "user:2"  # who would loosen a limit that a desk of its own has by default
BID, ASK, MID = Decimal("1.24999"), Decimal("1.25001"), Decimal("1.25")
COLLAR, GAPS = Decimal("0.01"), Decimal(3)
RESERVED = ASK * (1 + COLLAR * GAPS)  # the price at which room is held for a buy
UNIT = Decimal(100_000)
DAILY = Decimal("0.005")  # the deviation of a day
INSTRUMENT = InstrumentSpec(
    name="EURUSD",
    base_currency="EUR",
    quote_currency="USD",
    contract_size=UNIT,
    tick_size=Decimal("0.00001"),
    lot_step=Decimal("0.01"),
    lot_min=Decimal("0.01"),
    lot_max=Decimal(50),
    margin_rate=Decimal("0.04"),
)
CASH = Decimal(10**9)
FAR = Decimal(10**12)
MANY = Decimal(10**6)
# Nothing but the limit that is raced for may deny: the rest is put where no race comes near it.
WIDE: tuple[tuple[Metric, Decimal, Unit], ...] = (
    (Metric.ORDER_SIZE, Decimal(50), Unit.LOTS),
    (Metric.ORDER_VALUE, FAR, Unit.MONEY),
    (Metric.POSITION, MANY, Unit.LOTS),
    (Metric.GROSS, FAR, Unit.MONEY),
    (Metric.NET, FAR, Unit.MONEY),
    (Metric.MARGIN, FAR, Unit.MONEY),
    (Metric.OPEN_ORDERS, MANY, Unit.COUNT),
    (Metric.ENTRIES_DAY, MANY, Unit.COUNT),
    (Metric.VALUE_DAY, FAR, Unit.MONEY),
    (Metric.DAY_LOSS, FAR, Unit.MONEY),
    (Metric.REPEATS, MANY, Unit.COUNT),
)
RATES: tuple[tuple[Metric, Decimal, Unit], ...] = (
    (Metric.MESSAGE_RATE, MANY, Unit.PER_SECOND),
    (Metric.MESSAGE_BURST, MANY, Unit.COUNT),
)
OF_ACCOUNTS: tuple[tuple[Metric, Decimal, Unit], ...] = (
    (Metric.ORDER_EQUITY, Decimal(100), Unit.EQUITY),
    (Metric.FREE_MARGIN, Decimal(1), Unit.MONEY),
    (Metric.COLLAR, COLLAR, Unit.SHARE),
    (Metric.GAP_FACTOR, GAPS, Unit.TIMES),
)


@dataclass(slots=True)
class Stage:
    """Holds the names that a race needs. Every intent of it is new: `_keys` counts them."""

    run: str
    _keys: "count[int]"

    @classmethod
    def build(cls, run: str, accounts: Iterable[str]) -> "Stage":
        """Open what a race needs in an empty database."""
        anchor_clock()
        ingestion.register(source=settings.MTQ_RUN, specs=[(INSTRUMENT.name, INSTRUMENT)])
        stage = cls(run=run, _keys=count(1))
        stage.quote()
        stage.widen("desk", WIDE)
        stage.widen("source:*", (*WIDE, *RATES))
        for slug in accounts:
            stage.open_account(slug)
        stage.measure()
        return stage

    def open_account(self, slug: str) -> None:
        ledger.open_account(slug=slug, currency="USD", leverage=Decimal(30))
        deposit = CashMovement(movement_id=f"{slug}-cash", amount=CASH, moved_at=clock.desk_now())
        ledger.book_external(account=slug, cash=[deposit])
        self.widen(f"account:{slug}", (*WIDE, *RATES, *OF_ACCOUNTS))
        changes.seed_paper_limits(slug)  # sizing, permissions, and whatever else an order may come to need

    def widen(self, scope: str, rows: Iterable[tuple[Metric, Decimal, Unit]]) -> None:
        for metric, hard, unit in rows:
            self.limit(scope, metric, hard, unit)

    def limit(self, scope: str, metric: Metric, hard: Decimal, unit: Unit) -> None:
        """Put a limit in force, unless this very one is."""
        rows = RiskLimit.objects.filter(scope=scope, metric=metric, ended_at__isnull=True)
        if rows.filter(hard=hard, unit=unit).exists():
            return
        try:
            changes.set_limit(scope=scope, metric=metric, hard=hard, unit=unit, reason=BY, by=BY)
        except NeedsSecondPerson:
            payload = {"scope": scope, "metric": metric.value, "hard": f"{hard:f}", "unit": unit.value}
            asked = changes.propose(kind=ChangeKind.LIMIT, payload=payload, reason=BY, by=MAKER)
            changes.approve(asked.id, by=SECOND, reason=BY)

    def covary(self) -> None:
        """Keep a covariance of one factor, and measure the desk for the first time."""
        days = [date(2025, 9, 1) + timedelta(days=number) for number in range(60)]
        Covariance.objects.create(
            version=1,
            base="USD",
            factors=["currency|EUR"],
            matrix=[[float(DAILY) ** 2]],
            returns=[[float(DAILY) * (1 - 2 * (number % 2))] for number in range(60)],
            days=[day.isoformat() for day in days],
            days_used=60,
            first_day=days[0],
            last_day=days[-1],
            valid_until=clock.desk_now() + timedelta(days=1),
        )
        covariances.forget()
        self.measure()

    def measure(self) -> None:
        """Take the snapshot that limits use, as the beat does every two seconds."""
        snapshots.measure(figures=False)

    def quote(self) -> None:
        """Say the price again, so that it is fresh."""
        quotes.shelf().put([Quote(instrument=INSTRUMENT.name, bid=BID, ask=ASK, quote_at=clock.desk_now())])

    def request(self, account: str, source: str, lots: Decimal, **changes: Any) -> OrderRequest:
        usual = OrderRequest(
            account=account,
            source=source,
            instrument=INSTRUMENT.name,
            side=Side.BUY,
            quantity=lots,
            signal_key=f"{self.run}-{next(self._keys)}",
            requested_at=clock.desk_now(),
            stop_distance=Decimal("0.001"),
            ttl_s=3600,
        )
        return replace(usual, **changes)

    def fill(self, order_id: str) -> None:
        """Send and fill an approved order, as the gateway and a venue would."""
        order = ledger.claim(owner=BY, fence=1, lease_s=60)
        while order is not None and order.client_order_id != order_id:
            order = ledger.claim(owner=BY, fence=1, lease_s=60)
        if order is None:
            raise LookupError(f"{order_id} is not waiting to be sent")
        fill = ReportedFill(
            execution_id=f"deal-{order_id}",
            venue_order_id="1",
            venue_position_id="1",
            client_number=order.number,
            instrument=order.instrument,
            side=order.side,
            quantity=order.quantity,
            price=ASK,
            profit=Decimal(0),
            executed_at=clock.desk_now(),
        )
        report = ExecutionReport(client_order_id=order_id, status=OrderStatus.FILLED, fills=(fill,))
        ledger.apply(account=order.account, report=report)


def anchor_clock() -> None:
    """Let desk time be a Wednesday noon from now on: the market is open whenever the race is held."""
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
    path = Path(settings.MTQ_CLOCK_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(anchor))
