"""Instruments, quotes, books and orders that risk is asked about, with only the difference spelled out."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import numpy as np

from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.quote import Quote
from apps.portfolio.domain.book import AccountView, Book, OpenOrder
from apps.portfolio.domain.holding import Holding
from apps.portfolio.domain.order import OrderRequest, OrderStatus, OrderType, Side
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.checks import At, Context, run
from apps.risk.domain.intent import classify
from apps.risk.domain.limits import REQUIRED, UNITS, Limit, Metric, RiskLimits, Unit
from apps.risk.domain.market import judge
from apps.risk.domain.metrics import Covariance
from apps.risk.domain.surroundings import PastOrder, RestingOrder, Surroundings
from apps.risk.domain.verdict import Breach

NOW = datetime(2026, 1, 7, 12, tzinfo=UTC)
AGENT = "agent:trend"
_keys = count(1)


def spec(name: str, **changes: Any) -> InstrumentSpec:
    usual = InstrumentSpec(
        name=name,
        base_currency=name[:3],
        quote_currency=name[3:],
        contract_size=Decimal(100_000),
        tick_size=Decimal("0.00001"),
        lot_step=Decimal("0.01"),
        lot_min=Decimal("0.01"),
        lot_max=Decimal(50),
        margin_rate=Decimal("0.04"),
    )
    return replace(usual, **changes)


EURUSD = spec("EURUSD")
USDJPY = spec("USDJPY", tick_size=Decimal("0.001"))
EURGBP = spec("EURGBP")
SPECS = {known.name: known for known in (EURUSD, USDJPY, EURGBP)}


def quote(name: str, bid: str, ask: str, at: datetime = NOW, **usual: Any) -> Quote:
    return Quote(instrument=name, bid=Decimal(bid), ask=Decimal(ask), quote_at=at, **usual)


QUOTES = {"EURUSD": quote("EURUSD", "1.24999", "1.25001"), "USDJPY": quote("USDJPY", "149.99", "150.01")}


def request(**changes: Any) -> OrderRequest:
    usual = OrderRequest(
        account="paper-1",
        source=AGENT,
        instrument="EURUSD",
        side=Side.BUY,
        quantity=Decimal(1),
        signal_key=f"signal-{next(_keys)}",
        requested_at=NOW,
        stop_distance=Decimal("0.005"),
    )
    return replace(usual, **changes)


def book(
    lots: str = "0", *, own: str | None = None, orders: Iterable[OpenOrder] = (), **account: Any
) -> Book:
    """Return a book of 100,000 USD that holds `lots` of EURUSD, `own` of them the agent's (else all)."""
    usual = AccountView(
        slug="paper-1",
        currency="USD",
        cash=Decimal(100_000),
        leverage=Decimal(30),
        hedging=False,
        enabled=True,
    )
    price = Decimal("1.25")
    held = Holding(instrument="EURUSD", quantity=Decimal(lots), average_price=price)
    mine = Holding(instrument="EURUSD", quantity=Decimal(lots if own is None else own), average_price=price)
    return Book(
        account=replace(usual, **account),
        holdings={"EURUSD": held},
        virtual={(AGENT, "EURUSD"): mine},
        open_orders=tuple(orders),
    )


def opened(side: Side, lots: str, **changes: Any) -> OpenOrder:
    usual = OpenOrder(
        client_order_id="other",
        source=AGENT,
        instrument="EURUSD",
        side=side,
        order_type=OrderType.MARKET,
        remaining=Decimal(lots),
        price=Decimal("1.25"),
        margin=Decimal(5000) * Decimal(lots),
        reduce_only=False,
        status=OrderStatus.ACCEPTED,
        is_entry=True,
    )
    return replace(usual, **changes)


def limit(scope: str, metric: Metric, hard: str, unit: Unit | None = None, **changes: Any) -> Limit:
    """Return a row, in the metric's usual unit unless another is given."""
    return Limit(
        scope=scope,
        metric=metric,
        hard=Decimal(hard),
        unit=unit or UNITS[metric][0],
        **({"soft": None} | changes),
    )


WIDE = (
    *(
        limit(scope, metric, "1000000000000")
        for scope in ("desk", "account:paper-1", "source:*")
        for metric in REQUIRED
    ),
    limit("account:paper-1", Metric.ORDER_EQUITY, "100", Unit.EQUITY),
    limit("account:paper-1", Metric.FREE_MARGIN, "1"),
    limit("account:paper-1", Metric.COLLAR, "0.01", Unit.SHARE),
    limit("account:paper-1", Metric.GAP_FACTOR, "3", Unit.TIMES),
)


def context(asked: OrderRequest, held: Book | None = None, *rows: Limit, **changes: Any) -> Context:
    """Return what the checks may know: wide limits, plus `rows`, and good quotes unless given others."""
    held = held or book()
    quotes = changes.pop("quotes", QUOTES)
    levels = dict.fromkeys(At, BreakerLevel.NORMAL) | changes.pop("levels", {})
    usual = Context(
        book=held,
        intent=classify(asked, held),
        spec=SPECS[asked.instrument],
        specs=SPECS,
        market=judge(
            quotes,
            SPECS,
            now=NOW,
            stale_after=timedelta(seconds=15),
            ahead=timedelta(seconds=2),
            specs=SPECS,
            rules={},
        ),
        limits=RiskLimits((*WIDE, *rows)),
        levels=levels,
        now=NOW,
        is_open=True,
        scopes={
            At.DESK: "desk",
            At.ACCOUNT: f"account:{held.account.slug}",
            At.SOURCE: f"source:{asked.source}",
        },
    )
    return replace(usual, **changes)


def breaches(asked: OrderRequest, held: Book | None = None, *rows: Limit, **changes: Any) -> list[Breach]:
    found = run(asked, context(asked, held, *rows, **changes))
    return [result.breach for result in found if result.breach]


def reasons(asked: OrderRequest, held: Book | None = None, *rows: Limit, **changes: Any) -> set[str]:
    return {breach.reason for breach in breaches(asked, held, *rows, **changes)}


def around(**changes: Any) -> Surroundings:
    """Return what surrounds an order on a desk where nothing has happened yet, with the difference."""
    return replace(Surroundings(), **changes)


def past(asked: OrderRequest, *, ago_s: float, **changes: Any) -> PastOrder:
    """Return an order like the one asked for, some seconds before now."""
    usual = PastOrder(
        client_order_id=f"past-{next(_keys)}",
        account=asked.account,
        instrument=asked.instrument,
        side=asked.side,
        order_type=asked.order_type,
        quantity=asked.quantity,
        price=asked.price,
        is_entry=not asked.reduce_only,
        requested_at=NOW - timedelta(seconds=ago_s),
    )
    return replace(usual, **changes)


def resting(side: Side, price: str | None = None, **changes: Any) -> RestingOrder:
    """Return an open order of another account of the same owner: a limit, or a market order."""
    usual = RestingOrder(
        client_order_id="resting",
        account="paper-2",
        source="user:9",
        side=side,
        order_type=OrderType.MARKET if price is None else OrderType.LIMIT,
        price=None if price is None else Decimal(price),
    )
    return replace(usual, **changes)


def covariance(*deviations: float, valid_until: datetime = NOW + timedelta(hours=1)) -> Covariance:
    """Return one of EUR, JPY and GBP against the dollar, uncorrelated, of 1 % a day unless given."""
    wanted = (*deviations, 0.01, 0.01, 0.01)[:3]
    return Covariance(
        version=1,
        factors=("currency|EUR", "currency|JPY", "currency|GBP"),
        matrix=np.diag([deviation**2 for deviation in wanted]),
        as_of=NOW.date(),
        valid_until=valid_until,
    )
