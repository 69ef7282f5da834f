"""An order's whole life: what asked for it, how it was judged, what was said about it, what it traded."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.agents.api import bodies
from apps.agents.api.bodies import Body
from apps.agents.api.shapes import OrderLifeSerializer
from apps.edges import rights
from apps.edges.problems import Problem
from apps.edges.shapes import amount, instant
from apps.portfolio import bodies as holdings
from apps.portfolio import books
from apps.portfolio.domain.views import OrderEventView, OrderView
from apps.risk import review

AGENT = "agent:"
KEY = "%Y%m%dT%H%M%S"  # as agents name their intents
MOST_FILLS = 500


class OrderLife(APIView):
    @extend_schema(summary="An order's whole life", responses=OrderLifeSerializer)
    def get(self, request: Request, order_id: str) -> Response:
        order = books.find_order(order_id)
        if order is None or order.account not in rights.visible(request.user, rights.ACCOUNT):
            raise Problem("not-found", f"There is no order {order_id}.")
        return Response(life_body(order, agents=rights.visible(request.user, rights.AGENT)))


def life_body(order: OrderView, *, agents: Collection[str]) -> Body:
    """Return all that is known of one order, its signal where the agent is one of `agents`."""
    order_id = order.client_order_id
    return {
        "order": holdings.order_body(order_id),
        "signal": _signal(order, agents),
        "review": _review(order.review_id),
        "events": [_event(event) for event in books.events_of(order_id)],
        "fills": holdings.fills(order=order_id, limit=MOST_FILLS)[::-1],
    }


def _signal(order: OrderView, agents: Collection[str]) -> Body | None:
    """Return the signal that an agent's order came from, with what the agent saw.

    A person's orders and enforcement's come from none.
    """
    slug = order.source.removeprefix(AGENT)
    if not order.source.startswith(AGENT) or slug not in agents:
        return None
    try:
        closed_at = datetime.strptime(order.signal_key, KEY).replace(tzinfo=UTC)
    except ValueError:
        return None  # not an intent of a tick
    rows = bodies.signal_rows().filter(agent__slug=slug, bar_close_at=closed_at)
    row = rows.values(*bodies.SIGNAL_COLUMNS, "observation").first()
    return bodies.signals_of([row])[0] | {"observation": row["observation"]} if row else None


def _review(review_id: int | None) -> Body | None:
    kept = review.stored(review_id) if review_id is not None else None
    if kept is None:
        return None
    return {
        "checks": list(kept.checks),
        "sizing": _sizing(kept.sizing) if kept.sizing else None,
        "elapsed_ms": kept.elapsed_ms,
        "created_at": instant(kept.created_at),
    }


def _sizing(notes: Mapping[str, Any]) -> Body:
    return {
        "requested": _number(notes["requested"]),
        "quantity": _number(notes["quantity"]),
        "caps": {name: _number(cap) for name, cap in notes["caps"].items()},
        "factor": _number(notes["factor"]),
        "equity": _number(notes["equity"]),
        "rule": notes["rule"],
    }


def _number(text: str) -> str | None:
    return amount(Decimal(text))


def _event(event: OrderEventView) -> Body:
    return {
        "at": instant(event.created_at),
        "kind": event.kind,
        "old_status": event.old_status,
        "new_status": event.new_status,
        "detail": event.detail,
        "text": sentence(event.kind, event.detail),
    }


def sentence(kind: str, detail: Mapping[str, Any]) -> str:
    """Say in one line what an event tells: the venue's words, who asked, what was filled."""
    if kind == "fill":
        return f"{detail.get('quantity')} lots at {detail.get('price')}, cash {detail.get('cash')}"
    if kind in {"approved", "denied"}:
        return "; ".join(
            str(reason.get("text") or reason.get("reason")) for reason in detail.get("reasons", ())
        )
    code, text, by = (str(detail.get(name) or "") for name in ("code", "text", "by"))
    said = f"{code}: {text}" if code and text else code or text
    asked = f"asked by {by}" if by else ""
    return "; ".join(part for part in (asked, said) if part)
