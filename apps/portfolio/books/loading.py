"""A whole book in one statement: its own snapshot, and one round trip while the account is held."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.portfolio import clock
from apps.portfolio.domain.book import AccountView, Book, OpenOrder
from apps.portfolio.domain.holding import Holding
from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from apps.portfolio.errors import UnknownAccount
from apps.portfolio.models import OPEN

# Exact numbers travel as text: JSON has none.
_BOOK = f"""
SELECT a.slug, a.currency, a.cash, a.leverage, a.hedging, a.enabled, a.entries_blocked,
    (SELECT jsonb_agg(jsonb_build_array(
        p.source, p.instrument, p.quantity::text, p.average_price::text, p.realized::text
     ) ORDER BY p.instrument, p.source) FROM portfolio_position p WHERE p.account_id = a.id),
    (SELECT jsonb_agg(jsonb_build_array(
        o.client_order_id, o.source, o.instrument, o.side, o.order_type, o.reduce_only, o.status, o.is_entry,
        o.ticket, o.lease_boot_id, o.lease_boottime_ns, r.quantity::text, r.price::text, r.margin::text
     ) ORDER BY o.id) FROM portfolio_order o JOIN portfolio_reservation r ON r.order_id = o.id
     WHERE o.account_id = a.id AND o.status IN ({", ".join(["%s"] * len(OPEN))}))
FROM portfolio_account a WHERE a.slug = %s
"""  # noqa: S608 - only placeholders are put in


def load(account_slug: str) -> Book:
    """Return the account's book, as one snapshot saw it. Raises UnknownAccount.

    Under the account's lock, call it as a later statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BOOK, [*OPEN, account_slug])
        row = cursor.fetchone()
    if row is None:
        raise UnknownAccount(account_slug)
    slug, currency, cash, leverage, hedging, enabled, blocked, positions, orders = row
    holdings, virtual = _holdings(json.loads(positions or "[]"))
    return Book(
        account=AccountView(
            slug=slug,
            currency=currency,
            cash=cash,
            leverage=leverage,
            hedging=hedging,
            enabled=enabled,
            entries_blocked=blocked,
        ),
        holdings=holdings,
        virtual=virtual,
        open_orders=tuple(_open_order(*order) for order in json.loads(orders or "[]")),
    )


def has_order(client_order_id: str) -> bool:
    """Tell whether there is an order of this id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM portfolio_order WHERE client_order_id = %s", [client_order_id])
        return cursor.fetchone() is not None


def _holdings(rows: Iterable[list[str]]) -> tuple[dict[str, Holding], dict[tuple[str, str], Holding]]:
    net: dict[str, Holding] = {}
    virtual: dict[tuple[str, str], Holding] = {}
    for source, instrument, quantity, average_price, realized in rows:
        holding = Holding(
            instrument=instrument,
            quantity=Decimal(quantity),
            average_price=Decimal(average_price),
            realized=Decimal(realized),
        )
        if source:
            virtual[source, instrument] = holding
        else:
            net[instrument] = holding
    return net, virtual


def _open_order(*columns: Any) -> OpenOrder:
    """Return an order that holds room, with the room it holds."""
    order_id, source, instrument, side, kind, reduces, state, is_entry, ticket, *lease_and_room = columns
    boot_id, boottime_ns, quantity, price, margin = lease_and_room
    status = OrderStatus(state)
    lost = status is OrderStatus.SENDING and clock.has_passed(boot_id, boottime_ns)
    return OpenOrder(
        client_order_id=order_id,
        source=source,
        instrument=instrument,
        side=Side(side),
        order_type=OrderType(kind),
        remaining=Decimal(quantity),
        price=Decimal(price),
        margin=Decimal(margin),
        reduce_only=reduces,
        status=status,
        is_entry=is_entry,
        ticket=ticket,
        in_doubt=status is OrderStatus.UNKNOWN or lost,
    )
