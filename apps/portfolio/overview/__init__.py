"""What pages show of accounts, orders and room at a glance: a few cheap reads, no locks."""

from apps.portfolio.overview.glances import (
    CURVE_POINTS,
    AccountGlance,
    CurvePoint,
    OrderCount,
    OrderLine,
    account_names,
    accounts,
    booked_by_source,
    equity_curve,
    orders_by_source,
    positions,
    recent_orders,
)
from apps.portfolio.overview.room import OrderFacts, books_of_all, counted, order_facts

__all__ = [
    "CURVE_POINTS",
    "AccountGlance",
    "CurvePoint",
    "OrderCount",
    "OrderFacts",
    "OrderLine",
    "account_names",
    "accounts",
    "booked_by_source",
    "books_of_all",
    "counted",
    "equity_curve",
    "order_facts",
    "orders_by_source",
    "positions",
    "recent_orders",
]
