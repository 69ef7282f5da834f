"""Rows of what the desk holds. Only this app writes them."""

from apps.portfolio.models.accounts import Account, CashFlow, EquitySnapshot, Pack, Position
from apps.portfolio.models.audit import AuditEntry, AuditHead
from apps.portfolio.models.orders import OPEN, Fill, Order, OrderEvent, Reservation, Ticket
from apps.portfolio.models.room import ScopeShare, ScopeUse

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
    "Pack",
    "Position",
    "Reservation",
    "ScopeShare",
    "ScopeUse",
    "Ticket",
]
