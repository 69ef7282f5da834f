"""The room that a change of an order takes, and what the order in force has taken so far."""

import json
from collections.abc import Mapping
from decimal import ROUND_UP, Decimal

from django.db import Error as DatabaseError
from django.db import connection, transaction

from apps.portfolio import books
from apps.portfolio.domain.holding import KEPT
from apps.portfolio.domain.terms import Terms
from apps.portfolio.domain.views import OrderView
from apps.portfolio.ledger import ReservationTerms
from apps.risk.domain.verdict import Breach
from apps.risk.models import MessageBucket
from apps.risk.review import putting, room
from apps.risk.review.judging import Judged

NO_ROOM = "MTQ01"  # how the guarded counters say that they missed
NOTHING = Decimal(0)
Uses = Mapping[str, Mapping[str, Decimal]]


def counted(order: OrderView, name: str) -> Decimal:
    """Return what is open of an order counted towards a figure of a day: nothing if that day is over."""
    uses = books.room_of(order.client_order_id).uses
    value = Decimal(uses.get("desk", {}).get(name.replace("entries_day", "value_day"), "0"))
    if name.startswith("entries_day"):
        return Decimal(1) if value else NOTHING
    return value * order.remaining / order.quantity


def take_room(order: OrderView, judged: Judged) -> tuple[Breach, ...]:
    """Take of the desk what the change adds, guarded; return why there is none.

    Until the venue answers the larger of both is held: a change to a smaller value takes nothing.
    """
    held = books.room_of(order.client_order_id)
    if (
        judged.reservation is None
        or judged.reservation.price * judged.request.quantity <= held.price * held.lots
    ):
        return ()
    document = json.dumps(room.take(judged.request, judged.context, judged.rows))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT portfolio_take_room(%s)", [document])
    except DatabaseError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if diagnosis is None or diagnosis.sqlstate != NO_ROOM:
            raise
        return (putting.missed(json.loads(diagnosis.message_detail)),)
    return ()


def keep_buckets(judged: Judged) -> None:
    """Keep what a change drew of the message tokens; one that adds no risk draws none."""
    for scope, bucket in judged.buckets.items():
        facts = {"tokens": bucket.tokens, "filled_at": bucket.filled_at}
        MessageBucket.objects.update_or_create(scope=scope, defaults=facts)


def of_whole(uses: Uses, share: Decimal) -> dict[str, dict[str, Decimal]]:
    """Return what a whole order takes, of what its open part takes: the count of orders stays."""
    return {
        scope: {
            name: amount if name.startswith("open_orders") else (amount * share).quantize(KEPT, ROUND_UP)
            for name, amount in part.items()
        }
        for scope, part in uses.items()
    }


def scaled(order: OrderView, terms: Terms) -> ReservationTerms:
    """Return the room of an order that becomes no larger: its own, in proportion to its lots."""
    held = books.room_of(order.client_order_id)
    left = terms.quantity - order.filled
    share = left / held.lots if held.lots else Decimal(1)
    uses = {
        scope: {name: Decimal(amount) for name, amount in part.items()} for scope, part in held.uses.items()
    }
    return ReservationTerms(
        price=held.price,
        margin=(held.margin * share).quantize(KEPT, ROUND_UP),
        uses=of_whole(uses, terms.quantity / order.quantity),
    )
