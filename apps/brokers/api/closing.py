"""Closing a position by hand."""

from decimal import Decimal

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.brokers import execution
from apps.brokers.api.answers import answered, body_of, key_of, signal_key, source_of
from apps.brokers.api.tickets import Number, Strict
from apps.brokers.errors import NothingToClose
from apps.edges import access, rights
from apps.edges.idempotency import once
from apps.edges.problems import Problem, invalid
from apps.edges.shapes import amount, ref
from apps.marketdata import instruments
from apps.portfolio import books
from apps.portfolio.books import PositionView


class CloseSerializer(Strict):
    quantity = Number(required=False, allow_null=True, help_text="Lots; all of it where absent.")


class ClosePosition(APIView):
    @extend_schema(
        summary="Close a position",
        request=CloseSerializer,
        responses={201: ref("Order")},
        description="An exit at the account's scope: what you hold is closed first, then what agents hold on "
        "that side, in proportion. `id` is a net row's or one of your own; 409 for an agent's row.",
    )
    @once
    def post(self, request: Request, position_id: int) -> Response:
        position = books.find_position(position_id)
        if position is None or position.account not in rights.visible(request.user, rights.ACCOUNT):
            raise Problem("not-found", f"There is no position {position_id}.")
        access.need(request.user, "position.close", account=position.account)
        read = CloseSerializer(data=request.data or {})
        read.is_valid(raise_exception=True)
        quantity = read.validated_data.get("quantity")
        if quantity is not None:
            _check_step(position, quantity)
        try:
            order = answered(
                lambda: execution.close_position(
                    position=position,
                    source=source_of(request.user),
                    signal_key=signal_key("close", f"{position_id}:{key_of(request)}"),
                    quantity=quantity,
                )
            )
        except NothingToClose as error:
            raise Problem("conflict", f"{error}.") from error
        if quantity is not None and order.requested_quantity != quantity:
            raise Problem("idempotency-key-reused", f"This key names the order {order.client_order_id}.")
        return Response(body_of(order.client_order_id), status=201)


def _check_step(position: PositionView, quantity: Decimal) -> None:
    spec = instruments.spec(position.instrument)
    if quantity <= 0 or not spec.fits_step(quantity):
        step = amount(spec.lot_step)
        raise invalid(
            "quantity", f"{amount(quantity)} lots are not on {spec.name}'s lot step of {step}.", place="body"
        )
