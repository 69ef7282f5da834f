"""Accounts beside their breakers, breakers, alerts: as far as the reader may see the objects they are of."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.edges import access, cursors, filters, rights
from apps.edges.cursors import Listing
from apps.edges.filters import Param
from apps.edges.shapes import described, paged, plain_list
from apps.risk.api import bodies
from apps.risk.api.shapes import (
    SEVERITIES,
    AccountCurveSerializer,
    AccountSerializer,
    AlertSerializer,
    BreakerSerializer,
)

Rows = QuerySet[Any, dict[str, Any]]

ALERTS = Listing(
    params=(
        filters.choice("level", SEVERITIES, lookup="level"),
        Param(name="rule", lookup="rule", help="Which rule raised it."),
        filters.flag("open", help="True, the usual: what lasts. False: what is over."),
    ),
    orderings={"id": "id"},
)
CURVE = (filters.number("points", least=10, most=2000, default=240, help="About how many points."),)


class AccountList(APIView):
    @plain_list(AccountSerializer, "Accounts with their valuation and breaker")
    def get(self, request: Request) -> Response:
        filters.read(request.GET, ())
        return Response(bodies.account_bodies(rights.visible(request.user, rights.ACCOUNT)))


class AccountDetail(APIView):
    @extend_schema(summary="One account", responses=AccountSerializer)
    def get(self, request: Request, slug: str) -> Response:
        access.need(request.user, "account.view", account=slug)
        return Response(bodies.account_body(slug))


class AccountCurve(APIView):
    @extend_schema(
        summary="An account's equity over its run",
        parameters=described(CURVE),
        responses=AccountCurveSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        access.need(request.user, "account.view", account=slug)
        asked = filters.read(request.GET, CURVE)
        return Response(bodies.curve_body(slug, points=asked.get("points", 240)))


class BreakerList(APIView):
    @plain_list(BreakerSerializer, "Circuit breakers")
    def get(self, request: Request) -> Response:
        filters.read(request.GET, ())
        return Response(bodies.breaker_bodies(request.user))


class AlertList(APIView):
    @paged(AlertSerializer, ALERTS, "Alerts")
    def get(self, request: Request) -> Response:
        rows = rights.only_visible(request.user, bodies.alert_rows(), {rights.SCOPE: "scope"})
        return Response(cursors.page(request, rows, ALERTS, bodies.alert_of, also=_open))


def _open(rows: Rows, values: Mapping[str, Any]) -> Rows:
    return rows.filter(closed_at__isnull=values.get("open", True))
