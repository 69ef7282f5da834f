"""The second of a permit's two calls of the database: order, room, review and tokens, or the denial."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from apps.portfolio import ledger, locks
from apps.portfolio.domain.order import OrderRequest, OrderStatus
from apps.portfolio.domain.views import OrderView
from apps.portfolio.ledger import Draft
from apps.risk.domain.verdict import Breach, shown
from apps.risk.review import keeping, room
from apps.risk.review.judging import Judged


def put(
    request: OrderRequest, judged: Judged, *, order_id: str, elapsed_ms: Callable[[], float]
) -> tuple[OrderView, Judged]:
    """Write an order with its verdict. Where another account was faster, the verdict written is a denial.

    Return the order and what it was judged by in the end.
    """
    born = _draft(request, judged, order_id)
    answer = _call(request, judged, born, order_id, elapsed_ms())
    if "miss" in answer:
        judged = replace(judged, breaches=(missed(answer["miss"]),), reservation=None)
        born = _draft(request, judged, order_id)
        answer = _call(request, judged, born, order_id, elapsed_ms())
    born.ring()
    return born.view(review_id=answer["review"]), judged


def _draft(request: OrderRequest, judged: Judged, order_id: str) -> Draft:
    return ledger.draft(
        request=request,
        order_id=order_id,
        status=OrderStatus.DENIED if judged.breaches else OrderStatus.APPROVED,
        quantity=judged.request.quantity,
        reservation=judged.reservation,
        place=judged.rows.place,
        reasons=[breach.as_json() for breach in judged.breaches],
        epochs=judged.rows.epochs,
        limit_versions=judged.rows.limits.versions(),
        is_entry=judged.context.intent.account_entry,
    )


def _call(
    request: OrderRequest, judged: Judged, born: Draft, order_id: str, elapsed_ms: float
) -> dict[str, Any]:
    entry, leaves = judged.context.intent.account_entry, not judged.breaches
    asked = judged.request, judged.context, judged.rows
    document = born.documents | {
        "take": room.take(*asked) if leaves and entry else None,
        "rise": room.rise(*asked) if leaves and not entry else None,
        "review": keeping.document(
            keeping.review_of(request, judged, order_id=order_id, elapsed_ms=elapsed_ms)
        ),
        "buckets": [
            {"scope": scope, "tokens": str(bucket.tokens), "filled_at": bucket.filled_at.isoformat()}
            for scope, bucket in judged.buckets.items()
        ],
        "overrides": [] if judged.breaches else list(judged.overrides),
    }
    return write(document)


def write(document: Mapping[str, Any]) -> dict[str, Any]:
    """Call `risk_put`; return the review's number, or the cap of the desk that was missed."""
    with connection.cursor() as cursor, locks.held_by_others():
        cursor.execute("SELECT risk_put(%s)", [orjson.dumps(document).decode()])
        answer: dict[str, Any] = orjson.loads(cursor.fetchone()[0])
    return answer


def missed(miss: dict[str, str]) -> Breach:
    """Return the breach of a guarded counter that missed."""
    value, limit = Decimal(miss["value"]), Decimal(miss["limit"])
    name = miss["name"].replace("|", " of ").replace("_", " ")
    return Breach(
        check=miss["rule"],
        reason=miss["rule"].removesuffix("_desk"),
        value=value,
        limit=limit,
        text=f"{name} of the desk would be {shown(value)}, {shown(limit)} allowed",
    )
