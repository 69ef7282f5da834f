"""The room that a change of an order takes, and what the order in force has taken so far."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_UP, Decimal

from django.db import Error as DatabaseError
from django.db import connection, transaction

from apps.marketdata.domain.sessions import trading_day
from apps.portfolio import books, locks
from apps.portfolio.domain.holding import KEPT
from apps.portfolio.domain.terms import Terms
from apps.portfolio.domain.use import of_now, texts
from apps.portfolio.domain.views import OrderView
from apps.portfolio.ledger import ReservationTerms
from apps.risk.domain.verdict import Breach
from apps.risk.models import MessageBucket
from apps.risk.review import putting, room
from apps.risk.review.judging import Judged
from apps.risk.review.reading import Rows

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


def take_room(order: OrderView, judged: Judged, stood: Rows) -> tuple[Breach, ...]:
    """Take of the desk what the change adds, guarded; return why there is none.

    `stood` is what was read with the order as it is: until the venue answers the larger of both is held,
    figure by figure.
    """
    document = room.take(judged.request, judged.context, judged.rows)
    if _is_measured(order, judged):
        document["bound"] = []
    day = trading_day(judged.context.now)
    document["uses"] = _larger(document["uses"], stood.uses, day)
    if "source" in document:
        document["source"]["uses"] = _larger(document["source"]["uses"], stood.own, day)
    try:
        with transaction.atomic(), connection.cursor() as cursor, locks.held_by_others():
            cursor.execute("SELECT portfolio_take_room(%s)", [json.dumps(document)])
    except DatabaseError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if diagnosis is None or diagnosis.sqlstate != NO_ROOM:
            raise
        return (putting.missed(json.loads(diagnosis.message_detail)),)
    return ()


def _is_measured(order: OrderView, judged: Judged) -> bool:
    """Tell whether the measurement in force has all of the order: a wider stop adds nothing to it."""
    held, now = books.room_of(order.client_order_id), judged.reservation
    return now is not None and now.price <= held.price and judged.request.quantity <= held.lots


def count_exit(judged: Judged) -> None:
    """Count a changed exit as a new one is."""
    document = room.rise(judged.request, judged.context, judged.rows)
    if document is not None:
        with connection.cursor() as cursor, locks.held_by_others():
            cursor.execute("SELECT portfolio_rise(%s)", [json.dumps(document)])


def _larger(new: Mapping[str, str], stood: Mapping[str, Decimal], day: date) -> dict[str, str]:
    now = {name: amount for name, amount in stood.items() if of_now(name, day)}
    return texts({name: max(Decimal(new.get(name, 0)), now.get(name, NOTHING)) for name in {*new, *now}})


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
