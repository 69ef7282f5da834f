"""A reason to deny for each check: what has to be wrong for it to find something."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from apps.portfolio.domain.book import Book
from apps.portfolio.domain.order import OrderRequest, OrderType, Side
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.checks import PRE_TRADE, At, Check, Result, run
from apps.risk.domain.limits import Limit, Metric, Unit
from apps.risk.domain.surroundings import Bucket, Surroundings, Ticket
from tests.risk.cast import (
    AGENT,
    NOW,
    QUOTES,
    around,
    book,
    context,
    covariance,
    limit,
    opened,
    past,
    quote,
    request,
    resting,
)

D = Decimal
NAMES = {check.name: check for check in PRE_TRADE}
# Who asks for what. A protective order is a stop of its own at the venue.
PARTIES: Mapping[str, dict[str, Any]] = {
    "entry": {"source": AGENT, "side": Side.BUY},
    "exit by person": {"source": "user:7", "side": Side.SELL, "reduce_only": True},
    "exit by agent": {"source": AGENT, "side": Side.SELL, "reduce_only": True},
    "enforcement": {"source": "enforcement:1", "side": Side.SELL, "reduce_only": True},
    "protective leg": {
        "source": "protective:1",
        "side": Side.SELL,
        "reduce_only": True,
        "order_type": OrderType.STOP,
        "price": D("1.24"),
    },
}
SCOPES = {At.DESK: "desk", At.ACCOUNT: "account:paper-1", At.SOURCE: "source:*"}
METRICS = {
    "order_size": Metric.ORDER_SIZE, "order_value": Metric.ORDER_VALUE, "capital": Metric.ORDER_EQUITY,
    "position": Metric.POSITION, "gross": Metric.GROSS, "net": Metric.NET, "margin": Metric.MARGIN,
    "open_orders": Metric.OPEN_ORDERS, "entries_day": Metric.ENTRIES_DAY, "value_day": Metric.VALUE_DAY,
    "day_loss": Metric.DAY_LOSS, "sigma": Metric.SIGMA, "var": Metric.VAR, "es": Metric.ES,
}  # fmt: skip
TINY = "0.000001"
ORDERS: Mapping[str, dict[str, Any]] = {
    "numbers": {"stop_loss": D("NaN")},
    "steps": {"quantity": D("0.015")},
    "lot_limits": {"quantity": D("0.001")},
    "ticks": {"stop_loss": D("1.200001")},
    "own_account": {"account": "paper-2"},
    "within_position": {"quantity": D(3)},
    "fifo": {"ticket": "young", "quantity": D("0.3")},
    "price_band": {"order_type": OrderType.LIMIT, "price": D("1.20")},
    "protection": {"stop_loss": D("1.26")},
}
BOOKS: Mapping[str, dict[str, Any]] = {
    "enabled": {"enabled": False},
    "not_blocked": {"entries_blocked": "position differs"},
    "no_doubt": {"orders": [opened(Side.BUY, "1", in_doubt=True)]},
    "fifo": {"pack": "us_retail"},
    "pack": {"pack": "esma_retail"},
    "hedge": {"pack": "us_retail", "orders": [opened(Side.SELL, "0.1", order_type=OrderType.LIMIT)]},
}
TICKETS = tuple(
    Ticket(ticket=name, instrument="EURUSD", quantity=D(1), opened_at=NOW) for name in ("old", "young")
)
MAJOR = {"EURUSD": "fx_major"}


def _moment(name: str, asked: OrderRequest) -> dict[str, Any]:
    """Return what is wrong with the moment, as changes of the context."""
    jumped = quote("EURUSD", "1.24999", "1.25001", unsteady_until=NOW + timedelta(seconds=1))
    moments: dict[str, dict[str, Any]] = {
        "breaker_desk": {"levels": {At.DESK: BreakerLevel.HALTED}},
        "breaker_account": {"levels": {At.ACCOUNT: BreakerLevel.HALTED}},
        "breaker_source": {"levels": {At.SOURCE: BreakerLevel.HALTED}},
        "good_quote": {"quotes": {}},
        "steady_market": {"quotes": QUOTES | {"EURUSD": jumped}},
        "session": {"is_open": False},
        "pack": {},
        "fifo": {"around": around(tickets=TICKETS, classes=MAJOR)},
        "hedge": {"around": around(classes=MAJOR)},
        "duplicate": {"around": around(lately=(past(asked, ago_s=1),))},
        "self_trade": {"around": around(resting=(resting(asked.side.opposite),))},
        "permission": {"around": around(permitted=())},
        "restricted": {"around": around(restricted=frozenset({"EURUSD"}))},
        "repeat": {"around": around(lately=tuple(past(asked, ago_s=9) for _ in range(10)))},
        "throttle_account": {"around": _empty("account:paper-1")},
        "throttle_source": {"around": _empty(f"source:{asked.source}")},
        "day_loss": {"around": around(day_start=D(200_000))},
        "sigma": {"covariance": covariance()},
        "var": {"covariance": covariance()},
        "es": {"covariance": covariance()},
    }
    return moments.get(name, {})


def _empty(scope: str) -> Surroundings:
    return around(buckets={scope: Bucket(tokens=D(0), filled_at=NOW)})


def rows(check: Check) -> tuple[Limit, ...]:
    """Return the limits that the check is to find too tight."""
    kind = check.name.removesuffix(f"_{check.at}")
    if kind in METRICS:
        return (limit(SCOPES[check.at], METRICS[kind], TINY),)
    return {
        "currency": (limit(SCOPES[check.at], Metric.NET, TINY, currency="EUR"),),
        "free_margin": (limit(SCOPES[check.at], Metric.FREE_MARGIN, "1000000"),),
        "throttle": (limit(SCOPES[check.at], Metric.MESSAGE_RATE, "1", Unit.PER_SECOND),),
    }.get(kind, ())


def asked(check: Check, party: str) -> tuple[OrderRequest, Book]:
    """Return the party's order, of a lot unless that is what is wrong, and the book that it is for."""
    order = request(**(PARTIES[party] | ORDERS.get(check.name, {})))
    return order, book("2", **BOOKS.get(check.name, {}))


def result(check: Check, party: str) -> Result | None:
    """Ask the check alone about the party's order with its reason planted; None where it is not asked."""
    order, held = asked(check, party)
    kind = check.name.removesuffix(f"_{check.at}")
    moment = _moment(check.name, order) or _moment(kind, order)
    found = run(order, context(order, held, *rows(check), **moment), [check])
    return found[0] if found else None


def cell(check: Check, party: str) -> str:
    """Return what the golden table says of a check and a party."""
    found = result(check, party)
    if found is None:
        return "-"
    return "denies" if found.breach else found.found.note or "passes"
