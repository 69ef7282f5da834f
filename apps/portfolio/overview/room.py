"""What every account holds and has asked for, and what is counted of it, for pages: no locks.

The permit loads a book in one statement under its lock; here all are read at once, so they may be some
milliseconds apart.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from apps.portfolio.books.reading import account_view, holding_of
from apps.portfolio.domain.book import Book, OpenOrder
from apps.portfolio.domain.holding import Holding
from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from apps.portfolio.domain.use import figure, of_now
from apps.portfolio.models import OPEN, Account, Order, OrderEvent, Position, ScopeShare, ScopeUse

NOTHING = Decimal(0)
DESK = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """An order as a review's page shows it, with what happened to it: (wall time, kind, status) each."""

    pk: int
    status: str
    quantity: Decimal
    price: Decimal | None
    stop_loss: Decimal | None
    take_profit: Decimal | None
    events: tuple[tuple[datetime, str, str], ...]


def books_of_all() -> dict[str, Book]:
    """Return the book of every account by its slug, in three statements."""
    net: defaultdict[int, dict[str, Holding]] = defaultdict(dict)
    virtual: defaultdict[int, dict[tuple[str, str], Holding]] = defaultdict(dict)
    for row in Position.objects.all():
        if row.source:
            virtual[row.account_id][row.source, row.instrument] = holding_of(row)
        else:
            net[row.account_id][row.instrument] = holding_of(row)
    working: defaultdict[int, list[OpenOrder]] = defaultdict(list)
    orders = Order.objects.filter(status__in=OPEN, reservation__isnull=False)
    for order in orders.select_related("reservation").order_by("id"):
        working[order.account_id].append(_open(order))
    return {
        account.slug: Book(
            account=account_view(account),
            holdings=net[account.pk],
            virtual=virtual[account.pk],
            open_orders=tuple(working[account.pk]),
        )
        for account in Account.objects.all()
    }


def _open(order: Any) -> OpenOrder:
    status = OrderStatus(order.status)
    return OpenOrder(
        client_order_id=order.client_order_id,
        source=order.source,
        instrument=order.instrument,
        side=Side(order.side),
        order_type=OrderType(order.order_type),
        remaining=order.reservation.quantity,
        price=order.reservation.price,
        margin=order.reservation.margin,
        reduce_only=order.reduce_only,
        status=status,
        is_entry=order.is_entry,
        ticket=order.ticket,
        in_doubt=status is OrderStatus.UNKNOWN,
    )


def counted(*, day: date) -> dict[str, Mapping[str, Decimal]]:
    """Return by scope what is counted of each figure, named as `domain.use` names it, in the base currency.

    Figures of the trading day carry their plain names, `entries_day`; those of other days are left out.
    """
    found: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: NOTHING))
    for row in ScopeUse.objects.all():
        name = of_now(figure(row.metric, row.key), day)
        if name:
            found[row.scope][name] = row.used
    for share in ScopeShare.objects.select_related("account"):
        scope = f"account:{share.account.slug}" if share.scope == DESK else share.scope
        for stored, text in share.uses.items():
            name = of_now(stored, day)
            if name and name != stored:  # what stands in the books is told by them
                found[scope][name] += Decimal(text)
    return {scope: dict(figures) for scope, figures in found.items()}


def order_facts(client_order_id: str) -> OrderFacts | None:
    """Return an order and its events, None where there is none of that id."""
    row = Order.objects.filter(client_order_id=client_order_id).first() if client_order_id else None
    if row is None:
        return None
    events = OrderEvent.objects.filter(order=row).order_by("id")
    return OrderFacts(
        pk=row.pk,
        status=row.status,
        quantity=row.quantity,
        price=row.price,
        stop_loss=row.stop_loss,
        take_profit=row.take_profit,
        events=tuple(events.values_list("created_at", "kind", "new_status")),
    )
