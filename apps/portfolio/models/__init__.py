"""Rows of what the desk holds. Only this app writes them."""

from apps.portfolio.models.accounts import Account, CashFlow, EquitySnapshot, Position
from apps.portfolio.models.audit import AuditEntry, AuditHead
from apps.portfolio.models.orders import OPEN, Fill, Order, OrderEvent, Reservation

__all__ = [
    "OPEN",
    "Account",
    "AuditEntry",
    "AuditHead",
    "CashFlow",
    "EquitySnapshot",
    "Fill",
    "Order",
    "OrderEvent",
    "Position",
    "Reservation",
]
