"""A whole book in one statement: its own snapshot, and one round trip while the account is held."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import connection

from apps.portfolio import clock
from apps.portfolio.domain.book import AccountView, Book, OpenOrder, OpenTicket
from apps.portfolio.domain.holding import Holding
from apps.portfolio.domain.order import OrderStatus, OrderType, Side
from apps.portfolio.errors import UnknownAccount


def load(account_slug: str) -> Book:
    """Return the account's book, as one snapshot saw it. Raises UnknownAccount.

    Under the account's lock, call it as a later statement.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT portfolio_book(%s)", [account_slug])
        found: str | None = cursor.fetchone()[0]
    if found is None:
        raise UnknownAccount(account_slug)
    return book_of(json.loads(found))


def load_all() -> tuple[Book, ...]:
    """Return every account's book, in the order of their names."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT portfolio_book(slug) FROM portfolio_account ORDER BY slug")
        return tuple(book_of(json.loads(found)) for (found,) in cursor.fetchall())


def book_of(found: Mapping[str, Any]) -> Book:
    """Make a book of what the SQL function `portfolio_book` returns; exact numbers in it are text."""
    holdings, virtual = _holdings(found["positions"] or ())
    return Book(
        account=AccountView(
            slug=found["slug"],
            currency=found["currency"],
            cash=Decimal(found["cash"]),
            leverage=Decimal(found["leverage"]),
            hedging=found["hedging"],
            enabled=found["enabled"],
            entries_blocked=found["entries_blocked"],
            owner=found["owner"],
            venue=found["venue"],
            pack=found["pack"],
            venue_equity=_number(found.get("venue_equity")),
        ),
        holdings=holdings,
        virtual=virtual,
        open_orders=tuple(_open_order(*order) for order in found["orders"] or ()),
        tickets=tuple(_ticket(*ticket) for ticket in found.get("tickets") or ()),
    )


def has_order(client_order_id: str) -> bool:
    """Tell whether there is an order of this id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM portfolio_order WHERE client_order_id = %s", [client_order_id])
        return cursor.fetchone() is not None


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _ticket(instrument: str, lots: str, price: str) -> OpenTicket:
    return OpenTicket(instrument=instrument, quantity=Decimal(lots), price=Decimal(price))


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
