"""The room of an order whose change the venue has not answered yet: the larger of old and new."""

from collections.abc import Mapping
from decimal import ROUND_UP, Decimal
from typing import Any

from django.utils import timezone

from apps.portfolio.domain.holding import KEPT
from apps.portfolio.domain.terms import Terms
from apps.portfolio.domain.use import texts
from apps.portfolio.ledger.opening import ReservationTerms
from apps.portfolio.models import Order, Reservation

NOTHING = Decimal(0)
OLD, NEW = "old", "new"
Room = dict[str, Any]


def open_lots(row: Order) -> Decimal:
    """Return the lots that may still fill: of a change that is not answered, of the larger order."""
    largest = row.quantity
    if row.amendment:
        largest = max(largest, Terms.from_json(row.amendment).quantity)
    left: Decimal = largest - row.filled
    return max(NOTHING, left)


def hold_larger(row: Order, terms: Terms, reservation: ReservationTerms | None) -> dict[str, Room]:
    """Let the reservation cover both, and return what each takes, to go back to when the venue answers.

    `reservation` is of what would be open under the new terms; an exit needs none.
    """
    held = Reservation.objects.get(order=row)
    wanted = reservation or ReservationTerms(price=terms.price or NOTHING, margin=NOTHING)
    uses = {scope: texts(part) for scope, part in wanted.uses.items()}
    rooms = {
        OLD: _room(held.quantity, held.price, held.margin, held.uses),
        NEW: _room(terms.quantity - row.filled, wanted.price, wanted.margin, uses),
    }
    Reservation.objects.filter(pk=held.pk).update(
        quantity=max(held.quantity, terms.quantity - row.filled),
        price=_price(rooms),
        margin=max(held.margin, wanted.margin),
        uses=_larger(held.uses, uses),
        updated_at=timezone.now(),
    )
    return rooms


def _price(rooms: Mapping[str, Room]) -> Decimal:
    """Return the price at which the larger lots are worth what the larger of both is worth."""
    lots = max(Decimal(room["lots"]) for room in rooms.values())
    worth = max((Decimal(room["lots"]) * Decimal(room["price"]) for room in rooms.values()), key=abs)
    return (worth / lots).quantize(KEPT, ROUND_UP) if lots else NOTHING


def keep_room(row: Order, amendment: Mapping[str, Any], which: str) -> None:
    """Let the reservation hold what the old or the new terms take, less what has filled since."""
    rooms = amendment.get("rooms")
    if not rooms:
        return
    room = rooms[which]
    lots, left = Decimal(room["lots"]), max(NOTHING, row.quantity - row.filled)
    margin = Decimal(room["margin"]) * left / lots if lots else NOTHING
    Reservation.objects.filter(order=row).update(
        quantity=left,
        price=Decimal(room["price"]),
        margin=margin.quantize(KEPT, ROUND_UP),
        uses=room["uses"],
        updated_at=timezone.now(),
    )


def _room(lots: Decimal, price: Decimal, margin: Decimal, uses: Mapping[str, Any]) -> Room:
    return {"lots": f"{lots:f}", "price": f"{price:f}", "margin": f"{margin:f}", "uses": dict(uses)}


def _larger(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return of each figure the larger amount."""
    found: dict[str, dict[str, str]] = {}
    for uses in (one, other):
        for scope, part in uses.items():
            kept = found.setdefault(scope, {})
            for name, amount in part.items():
                kept[name] = max(amount, kept.get(name, "0"), key=Decimal)
    return found
