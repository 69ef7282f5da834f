"""An order is born with its verdict."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.portfolio import audit, clock
from apps.portfolio.books.reading import order_view
from apps.portfolio.domain.chain import link
from apps.portfolio.domain.order import OrderRequest, OrderStatus, venue_number
from apps.portfolio.domain.use import texts
from apps.portfolio.domain.views import OrderView
from apps.portfolio.errors import UnknownAccount
from apps.portfolio.ledger.writing import CHANNEL, plain, ring
from apps.portfolio.models import Account, Order

NOTHING = Decimal(0)
Doc = dict[str, Any]
_ACCOUNT = """
SELECT a.id, h.length, h.hash FROM portfolio_account a
LEFT JOIN portfolio_audithead h ON h.chain = 'account:' || a.slug WHERE a.slug = %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationTerms:
    """`price` in the quote currency (the exposure's), `margin` in the account's for the whole order.

    `uses` is what the order takes of `desk` and `source`, figure by figure in the desk's base currency.
    """

    price: Decimal
    margin: Decimal
    uses: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an order is written: the account's key, and the end of its audit chain as read under its lock."""

    account_id: int
    length: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An order that is not written yet: `documents` has what `portfolio_open_order` takes."""

    row: Order
    documents: dict[str, Doc | None]

    def view(self, *, review_id: int | None = None) -> OrderView:
        self.row.review_id = review_id
        return order_view(self.row)

    def ring(self) -> None:
        """Tell listeners of the new order, once the transaction is committed."""
        ring(self.row)


def draft(
    *,
    request: OrderRequest,
    order_id: str,
    status: OrderStatus,
    quantity: Decimal,
    reservation: ReservationTerms | None,
    place: Place,
    reasons: Sequence[Any] = (),
    epochs: Mapping[str, int] | None = None,
    limit_versions: Mapping[str, int] | None = None,
    is_entry: bool | None = None,
) -> Draft:
    """Return an order with risk's verdict as the rows that it will be: itself, room, event, audit entry.

    An exit needs no terms; an approved entry does. `reasons` are plain JSON: numbers as text.
    Raises ValueError.
    """
    if status not in {OrderStatus.APPROVED, OrderStatus.DENIED}:
        raise ValueError(f"an order is born approved or denied, not {status}")
    entry = not request.reduce_only if is_entry is None else is_entry
    row = Order(
        client_order_id=order_id,
        number=venue_number(order_id),
        account=Account(pk=place.account_id, slug=request.account),
        source=request.source,
        signal_key=request.signal_key,
        leg=request.leg,
        client_ref=request.client_ref,
        policy=request.policy,
        instrument=request.instrument,
        side=request.side.value,
        order_type=request.order_type.value,
        requested_quantity=request.quantity,
        quantity=quantity,
        price=request.price,
        stop_loss=request.stop_loss,
        take_profit=request.take_profit,
        reduce_only=request.reduce_only,
        is_entry=entry,
        ticket=request.ticket,
        status=status.value,
        reasons=list(reasons),
        filled=NOTHING,
        breaker_epochs=dict(epochs or {}),
        limit_versions=dict(limit_versions or {}),
        boot_id=clock.boot_id(),
        deadline_boottime_ns=clock.deadline_ns(request.ttl_s),
        requested_at=request.requested_at,
        created_at=timezone.now(),
        updated_at=timezone.now(),
    )
    told = _told(row)
    room = _room(row, reservation) if status is OrderStatus.APPROVED else None
    documents = {"order": _document(row), "room": room, "event": told, "audit": _entry(row, told, place)}
    return Draft(row=row, documents=documents)


def open_order(
    *,
    request: OrderRequest,
    order_id: str,
    status: OrderStatus,
    quantity: Decimal,
    reservation: ReservationTerms | None,
    reasons: Sequence[Any] = (),
    epochs: Mapping[str, int] | None = None,
    is_entry: bool | None = None,
) -> OrderView:
    """Write an order with a verdict, in the caller's transaction under the account's lock.

    Raises UnknownAccount, ValueError.
    """
    born = draft(
        request=request,
        order_id=order_id,
        status=status,
        quantity=quantity,
        reservation=reservation,
        place=_place(request.account),
        reasons=reasons,
        epochs=epochs,
        is_entry=is_entry,
    )
    documents = [json.dumps(born.documents[name]) for name in ("order", "room", "event", "audit")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT portfolio_open_order(%s, %s, %s, %s)", documents)
    born.ring()
    return born.view()


def _place(slug: str) -> Place:
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNT, [slug])
        found = cursor.fetchone()
    if found is None:
        raise UnknownAccount(slug)
    return Place(account_id=found[0], length=found[1] or 0, hash=found[2] or "")


def _document(row: Order) -> Doc:
    """Return every column but the key, exact numbers as text."""
    fields = Order._meta.concrete_fields  # noqa: SLF001 (what Django calls the public face of a model)
    columns = (field for field in fields if not field.primary_key)
    return {column.attname: _value(getattr(row, column.attname)) for column in columns}


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _room(row: Order, terms: ReservationTerms | None) -> Doc:
    """Return the room that the order holds; an exit holds none, at its own price."""
    if terms is None:
        if row.is_entry:
            raise ValueError("an approved entry needs the terms of its reservation")
        terms = ReservationTerms(price=row.price or NOTHING, margin=NOTHING)
    return {
        "price": str(terms.price),
        "margin": str(terms.margin),
        "uses": {scope: texts(figures) for scope, figures in terms.uses.items()},
        "channel": CHANNEL,
    }


def _entry(row: Order, told: Doc, place: Place) -> Doc:
    """Return the audit entry that follows the end of the account's chain."""
    now = timezone.now()
    entry: Doc = {
        "chain": audit.chain_of(row.account.slug),
        "sequence": place.length + 1,
        "kind": f"order.{row.status}",
        "subject": row.client_order_id,
        "payload": {"from": "", "to": row.status} | told,
        "prev_hash": place.hash,
    }
    return entry | {"written_at": now.isoformat(), "hash": link(**entry, written_at=now.astimezone(UTC))}


def _told(row: Order) -> Doc:
    return {
        "source": row.source,
        "instrument": row.instrument,
        "side": row.side,
        "type": row.order_type,
        "requested": plain(row.requested_quantity),
        "quantity": plain(row.quantity),
        "price": plain(row.price),
        "entry": row.is_entry,
        "reasons": row.reasons,
    }
