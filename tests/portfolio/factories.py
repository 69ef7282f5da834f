"""The usual things, with only what a test is about spelled out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction

from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.portfolio import ledger, locks
from apps.portfolio.domain.order import OrderRequest, OrderStatus, Side, client_order_id
from apps.portfolio.domain.report import ExecutionReport, ReportedFill
from apps.portfolio.domain.views import OrderView

NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
AGENT = "agent:trend"
_numbers = count(1)


def spec(name: str = "EURUSD", **changes: Any) -> InstrumentSpec:
    usual = InstrumentSpec(
        name=name,
        base_currency=name[:3],
        quote_currency=name[3:],
        contract_size=Decimal(100_000),
        tick_size=Decimal("0.00001"),
        lot_step=Decimal("0.01"),
        lot_min=Decimal("0.01"),
        lot_max=Decimal(100),
        margin_rate=Decimal("0.05"),
    )
    return replace(usual, **changes)


def quote(instrument: str, bid: str, ask: str) -> Quote:
    return Quote(instrument=instrument, bid=Decimal(bid), ask=Decimal(ask), quote_at=NOW)


def request(**changes: Any) -> OrderRequest:
    usual = OrderRequest(
        account="paper-1",
        source=AGENT,
        instrument="EURUSD",
        side=Side.BUY,
        quantity=Decimal(1),
        signal_key=f"signal-{next(_numbers)}",
        requested_at=NOW,
    )
    return replace(usual, **changes)


def approve(status: OrderStatus = OrderStatus.APPROVED, **changes: Any) -> OrderView:
    """Let risk say yes (or no) to a request."""
    wanted = request(**changes)
    order_id = client_order_id(
        deployment="test", source=wanted.source, signal_key=wanted.signal_key, leg=wanted.leg
    )
    with transaction.atomic():
        locks.lock_account(wanted.account, exit=True)
        return ledger.open_order(
            request=wanted,
            order_id=order_id,
            status=status,
            quantity=wanted.quantity,
            reservation=ledger.ReservationTerms(price=Decimal("1.2"), margin=Decimal(1000)),
        )


def send(**changes: Any) -> OrderView:
    """Approve an order and claim it."""
    order = approve(**changes)
    claimed = ledger.claim(owner="gateway", fence=1, lease_s=60)
    assert claimed is not None
    assert claimed.client_order_id == order.client_order_id
    return claimed


def fill(**changes: Any) -> ReportedFill:
    number = next(_numbers)
    usual = ReportedFill(
        execution_id=f"deal-{number}",
        venue_order_id=f"order-{number}",
        venue_position_id="position-1",
        client_number=0,
        instrument="EURUSD",
        side=Side.BUY,
        quantity=Decimal(1),
        price=Decimal("1.1"),
        profit=Decimal(0),
        commission=Decimal(-3),
        executed_at=NOW + timedelta(seconds=number),
    )
    return replace(usual, **changes)


def report(order: OrderView, status: OrderStatus, *fills: ReportedFill) -> ExecutionReport:
    return ExecutionReport(client_order_id=order.client_order_id, status=status, fills=fills)


def tell(order: OrderView, status: OrderStatus, *fills: ReportedFill) -> ledger.Applied:
    """Let the venue report on an order."""
    return ledger.apply(account=order.account, report=report(order, status, *fills))
