"""A person's orders: previewed, sent, taken back."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.brokers import execution
from apps.brokers.api.answers import answered, body_of, busy, key_of, signal_key, source_of, visible_order
from apps.brokers.api.tickets import PreviewSerializer, TicketSerializer, request_of
from apps.brokers.errors import RefTaken
from apps.edges import access, rights
from apps.edges.idempotency import once
from apps.edges.problems import Problem
from apps.edges.shapes import amount, ref
from apps.portfolio import books
from apps.portfolio.books import OrderView
from apps.portfolio.domain.order import OrderRequest, OrderStatus
from apps.risk import review
from apps.risk.errors import Busy, Refused

CENTS = Decimal("0.01")
# A ticket may ask for more than there is in the world: it is denied, and its figures are shown.
WIDE = Context(prec=80, rounding=ROUND_HALF_EVEN)
_S = OrderStatus
# Where an order stands after a cancel that did what was asked, or that is under way.
TAKEN_BACK = {_S.CANCELLED, _S.CANCEL_PENDING}


class SendOrder(APIView):
    @extend_schema(
        summary="Send an order",
        request=TicketSerializer,
        responses={201: ref("Order")},
        description="Denied by risk: 422 with all checks. Halted: 423. Busy: 503, send the same key again.",
    )
    @once
    def post(self, request: Request) -> Response:
        intent = _intent(request, _ticket(request))
        try:
            order = answered(lambda: execution.submit(request=intent))
        except RefTaken as error:
            raise Problem("conflict", f"{error}.") from error
        if not _is_of(order, intent):
            raise Problem("idempotency-key-reused", f"This key names the order {order.client_order_id}.")
        return Response(body_of(order.client_order_id), status=201)


class PreviewOrder(APIView):
    @extend_schema(
        summary="Preview an order",
        request=TicketSerializer,
        responses=PreviewSerializer,
        description="Which checks would pass and what the order would take. Nothing is kept.",
    )
    def post(self, request: Request) -> Response:
        ticket = _ticket(request)
        intent = request_of(ticket, source=source_of(request.user), signal_key="preview")
        try:
            return Response(_preview(review.preview(intent)))
        except Refused as refused:
            raise Problem("unprocessable", str(refused)) from refused


class CancelOrder(APIView):
    @extend_schema(
        summary="Cancel an order",
        request=None,
        responses={200: ref("Order")},
        description="At once while it is only ours, else asked of the venue: cancel_pending until it "
        "answers. 409 for what has ended otherwise or is on its way to the venue.",
    )
    @once
    def post(self, request: Request, order_id: str) -> Response:
        order = visible_order(request.user, order_id)
        access.need(request.user, "order.cancel", account=order.account)
        try:
            stands = execution.cancel(client_order_id=order_id, by=rights.actor(request.user))
        except Busy as error:
            raise busy(error) from error
        is_asked = stands.amendment is not None and stands.amendment.cancel
        if stands.status not in TAKEN_BACK and not is_asked:
            raise Problem("conflict", f"The order is {stands.status.value} and was not cancelled.")
        return Response(body_of(order_id))


def _ticket(request: Request) -> Mapping[str, Any]:
    """Read a ticket. The right is asked for the account as it was read, whatever it was sent as."""
    read = TicketSerializer(data=request.data)
    read.is_valid(raise_exception=True)
    found: Mapping[str, Any] = read.validated_data
    access.need(request.user, "order.send", account=found["account"])
    return found


def _intent(request: Request, ticket: Mapping[str, Any]) -> OrderRequest:
    """Return a ticket as an intent, named for good by its key, or the one of this client's name.

    Raise a 409 problem where that is another one.
    """
    source = source_of(request.user)
    intent = request_of(ticket, source=source, signal_key=signal_key("order", key_of(request)))
    named = books.order_by_ref(intent.account, intent.client_ref) if intent.client_ref else None
    if named is None:
        return intent
    if named.source != source or not _is_of(named, intent):
        detail = f"{intent.client_ref} names the order {named.client_order_id}, which is another."
        raise Problem("conflict", detail)
    return replace(intent, signal_key=named.signal_key)


def _is_of(order: OrderView, intent: OrderRequest) -> bool:
    """Tell whether a stored order is what is asked for now: its name may have been used long ago."""
    stored = (
        order.account, order.instrument, order.side, order.order_type, order.requested_quantity, order.price,
        order.stop_loss, order.take_profit, order.reduce_only,
    )  # fmt: skip
    asked = (
        intent.account, intent.instrument, intent.side, intent.order_type, intent.quantity, intent.price,
        intent.stop_loss, intent.take_profit, intent.reduce_only,
    )  # fmt: skip
    return stored == asked


def _preview(shown: review.Previewed) -> dict[str, Any]:
    return {
        "would": "pass" if shown.passes else "deny",
        "checks": list(shown.checks),
        "quantity": amount(shown.quantity),
        "price": amount(shown.price),
        "value": _money(shown.value),
        "margin": _money(shown.margin),
        "margin_free_after": _money(shown.margin_free_after),
        "risk": _money(shown.risk),
        "currency": shown.currency,
        "indicative": True,
    }


def _money(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.quantize(CENTS, context=WIDE):f}"
