"""Limits with their use, denials by check, one review, risk's figures: as far as the reader may see them."""

from datetime import timedelta

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.edges import access, filters, rights
from apps.edges.filters import Param
from apps.edges.problems import Problem
from apps.edges.shapes import plain_list
from apps.risk import gauges, overview
from apps.risk.api import faces
from apps.risk.api.shapes import (
    METRICS,
    DenialCountSerializer,
    KeptReviewSerializer,
    LimitSerializer,
    RiskFiguresSerializer,
)
from apps.risk.models import RiskReview

LIMITS = (
    Param(name="scope", help="Of this scope alone: desk, account:SLUG or source:SOURCE."),
    Param(name="account", help="What bounds your own orders on it: the desk's, its own and yours."),
    filters.choice("metric", METRICS),
)
DENIALS = (
    filters.number("hours", least=1, most=24 * 30, default=24, help="How far back."),
    Param(name="check", help="Of this check alone."),
    Param(name="source", help="agent:SLUG, user:ID."),
    Param(name="account"),
    Param(name="instrument"),
)


class LimitList(APIView):
    @plain_list(LimitSerializer, "Limits in force with what is used of them", LIMITS)
    def get(self, request: Request) -> Response:
        asked = filters.read(request.GET, LIMITS)
        wanted = _scopes(request, asked)
        rows = overview.headroom(
            lambda scope: (wanted is None or scope in wanted) and rights.sees(request.user, scope)
        )
        metric = asked.get("metric")
        return Response([faces.limit_body(row) for row in rows if metric in {None, row.metric.value}])


def _scopes(request: Request, asked: dict[str, str]) -> set[str] | None:
    """Return the scopes that are asked for, None for all. Raise a 404 problem for one that is hidden."""
    if "account" in asked:
        access.need(request.user, "account.view", account=asked["account"])
        return {"desk", f"account:{asked['account']}", f"source:user:{request.user.pk}"}
    if "scope" not in asked:
        return None
    _need_scope(request, asked["scope"])
    return {asked["scope"]}


def _need_scope(request: Request, scope: str) -> None:
    if "\x00" in scope or not rights.sees(request.user, scope):  # no column holds a zero byte
        raise Problem("not-found")


class DenialList(APIView):
    @plain_list(DenialCountSerializer, "How often each check denied", DENIALS)
    def get(self, request: Request) -> Response:
        asked = filters.read(request.GET, DENIALS)
        if "account" in asked:
            access.need(request.user, "account.view", account=asked["account"])
        since = timezone.now() - timedelta(hours=asked.pop("hours", 24))
        rows = rights.only_visible(request.user, overview.denied(since=since, **asked), _BELONGS)
        return Response([faces.denials_body(row) for row in overview.by_check(rows)])


_BELONGS = {rights.ACCOUNT: "account"}


class ReviewDetail(APIView):
    @extend_schema(summary="How one order was judged, check by check", responses=KeptReviewSerializer)
    def get(self, request: Request, review_id: int) -> Response:
        seen = rights.only_visible(request.user, RiskReview.objects.all(), _BELONGS)
        row = seen.filter(pk=review_id).first()
        if row is None:
            raise Problem("not-found")
        return Response(faces.review_body(row))


class RiskList(APIView):
    @plain_list(RiskFiguresSerializer, "What risk measures of each scope")
    def get(self, request: Request) -> Response:
        filters.read(request.GET, ())
        found = gauges.latest()
        return Response(
            [faces.risk_body(found[scope]) for scope in sorted(found) if rights.sees(request.user, scope)]
        )


class RiskDetail(APIView):
    @extend_schema(
        summary="What risk measures of one scope",
        operation_id="get_risk_of_scope",
        responses=RiskFiguresSerializer,
        description="404 until it was measured once.",
    )
    def get(self, request: Request, scope: str) -> Response:
        _need_scope(request, scope)
        found = gauges.latest([scope]).get(scope)
        if found is None:
            raise Problem("not-found", f"Nothing was measured of {scope} yet.")
        return Response(faces.risk_body(found))
