"""Checks of the account's regulator: known rules and class, no hedging, first in first out."""

from apps.portfolio.domain.order import OrderRequest
from apps.risk.domain.checks import tickets
from apps.risk.domain.checks.check import PASSED, Context, Finding
from apps.risk.domain.intent import is_enforcement, is_protective
from apps.risk.domain.packs import PACKS


def pack(request: OrderRequest, context: Context) -> Finding:
    """Pass where the account's rules are known, and let this class be traded. Raise NoPack, NoClass."""
    context.pack.margin_rate(request.instrument, context.spec.margin_rate, context.around.classes)
    return PASSED


def hedge(request: OrderRequest, context: Context) -> Finding:
    """Deny an entry against a position or an open entry of the account where the rules forbid hedging."""
    if context.pack.hedging:
        return PASSED
    name, sign = request.instrument, request.side.sign
    held = context.book.quantity(name) * sign < 0 or any(
        ticket.instrument == name and ticket.quantity * sign < 0 for ticket in context.around.tickets
    )
    working = any(
        order.instrument == name and order.side is not request.side for order in context.book.open_entries()
    )
    if not held and not working:
        return PASSED
    against = "a position" if held else "a working entry"
    text = f"it is against {against} of the account, and {context.pack.name} lets nobody hedge"
    return Finding(reason="hedge", text=text)


def fifo(request: OrderRequest, context: Context) -> Finding:
    """Pass an exit of the oldest ticket, of the oldest of its size, or of all; name the one allowed else.

    An exit without a ticket goes oldest first. Enforcement passes, and a bracket belongs to its position.
    """
    rules = PACKS.get(context.book.account.pack)  # rules that nobody knows keep nobody from leaving
    if not request.reduce_only or not request.ticket or rules is None or not rules.fifo:
        return PASSED
    if is_enforcement(request.source) or is_protective(request.source):
        return PASSED
    allowed = tickets.fifo(
        context.around.tickets,
        ticket=request.ticket,
        instrument=request.instrument,
        quantity=request.quantity,
        sign=request.side.sign,
    )
    if not allowed:
        return PASSED
    return Finding(reason="fifo", text=f"the one ticket that may be closed is {allowed}, oldest first")
