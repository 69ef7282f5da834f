"""Changing a resting order."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.brokers import execution
from apps.brokers.api.answers import answered, body_of, change_denied, visible_order
from apps.brokers.api.tickets import OrderTermsSerializer, change_faults
from apps.brokers.errors import Unsupported
from apps.edges import access, rights
from apps.edges.idempotency import once
from apps.edges.problems import Problem
from apps.edges.shapes import ref
from apps.portfolio.errors import NotAmendable
from apps.risk.domain.verdict import Verdict


class AmendOrder(APIView):
    @extend_schema(
        summary="Change an order",
        request=OrderTermsSerializer,
        responses={200: ref("Order")},
        description="A resting order keeps its id: replace_pending until the venue answers, then working "
        "under the new terms, or under the old ones where it refuses. 409 for an order that does not rest; "
        "422 for what the venue cannot change, or risk denies.",
    )
    @once
    def patch(self, request: Request, order_id: str) -> Response:
        order = visible_order(request.user, order_id)
        access.need(request.user, "order.send", account=order.account)
        read = OrderTermsSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        changes = dict(read.validated_data)
        faults = change_faults(changes, order.instrument)
        if faults:
            raise serializers.ValidationError(faults)
        by = rights.actor(request.user)

        def ask() -> Verdict:
            return execution.amend(client_order_id=order_id, changes=changes, by=by)

        try:
            answered(ask, denial=change_denied)
        except NotAmendable as error:
            raise Problem("conflict", f"{error}.") from error
        except Unsupported as error:
            raise Problem("unprocessable", f"{error}.") from error
        return Response(body_of(order_id))
