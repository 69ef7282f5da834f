"""Orders and fills, as far as the reader may see their accounts."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.edges import access, cursors, filters, rights
from apps.edges.cursors import Listing
from apps.edges.filters import Param
from apps.edges.problems import Problem
from apps.edges.shapes import paged
from apps.portfolio import bodies
from apps.portfolio.api.shapes import SIDES, STATUSES, TYPES, FillSerializer, OrderSerializer
from apps.portfolio.models import OPEN

Rows = QuerySet[Any, dict[str, Any]]

_ACCOUNT = Param(name="account", lookup="account__slug", help="An account's slug.")
_SYMBOL = Param(name="symbol", lookup="instrument", help="An instrument's name.")
ORDERS = Listing(
    params=(
        _ACCOUNT,
        _SYMBOL,
        filters.choice("status", STATUSES, lookup="status"),
        filters.choices("status__in", STATUSES, lookup="status__in"),
        filters.choice("side", SIDES, lookup="side"),
        filters.choice("type", TYPES, lookup="order_type"),
        Param(name="source", lookup="source", help="agent:SLUG or user:ID."),
        Param(name="client_ref", lookup="client_ref", help="The client's own name for it."),
        filters.flag("working", help="True: what may still trade. False: what came to its end."),
        filters.instant("created_at__gte", lookup="created_at__gte", help="Wall time."),
        filters.instant("created_at__lt", lookup="created_at__lt", help="Wall time."),
    ),
    orderings={"id": "id", "created_at": "created_at"},
)
FILLS = Listing(
    params=(
        _ACCOUNT,
        _SYMBOL,
        filters.choice("side", SIDES, lookup="side"),
        Param(name="source", lookup="order__source", help="agent:SLUG or user:ID."),
        Param(name="order", lookup="order__client_order_id", help="An order's id."),
        filters.instant("executed_at__gte", lookup="executed_at__gte", help="Desk time."),
        filters.instant("executed_at__lt", lookup="executed_at__lt", help="Desk time."),
    ),
    orderings={"id": "id", "executed_at": "executed_at"},
)


def seen(request: Request) -> set[str]:
    """Return the accounts that the reader may see; one that is asked for must be among them (404)."""
    wanted = request.GET.get("account")
    if wanted:
        access.need(request.user, "account.view", account=wanted)
    return rights.visible(request.user, rights.ACCOUNT)


class OrderList(APIView):
    @paged(OrderSerializer, ORDERS, "Orders")
    def get(self, request: Request) -> Response:
        rows = bodies.order_rows().filter(account__slug__in=seen(request))
        return Response(cursors.page(request, rows, ORDERS, bodies.order_of, also=_working))


def _working(rows: Rows, values: Mapping[str, Any]) -> Rows:
    if "working" not in values:
        return rows
    working = Q(status__in=OPEN)
    return rows.filter(working if values["working"] else ~working)


class OrderDetail(APIView):
    @extend_schema(summary="One order", responses=OrderSerializer)
    def get(self, request: Request, order_id: str) -> Response:
        visible = rights.visible(request.user, rights.ACCOUNT)
        row = bodies.order_rows().filter(client_order_id=order_id, account__slug__in=visible).first()
        if row is None:
            raise Problem("not-found", f"There is no order {order_id}.")
        return Response(bodies.order_of(row))


class FillList(APIView):
    @paged(FillSerializer, FILLS, "Fills")
    def get(self, request: Request) -> Response:
        rows = bodies.fill_rows().filter(account__slug__in=seen(request))
        return Response(cursors.page(request, rows, FILLS, bodies.fill_of))
