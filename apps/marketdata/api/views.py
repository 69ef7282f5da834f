"""Clock, instruments, quotes and bars. Whoever holds a role may see markets."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.edges import filters, problems
from apps.edges.filters import Param
from apps.edges.problems import Problem
from apps.edges.shapes import described, plain_list
from apps.marketdata.api import bodies
from apps.marketdata.api.shapes import (
    TIMEFRAMES,
    BarsSerializer,
    ClockSerializer,
    InstrumentSerializer,
    QuoteSerializer,
)
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.errors import MarketDataError, UnknownInstrument

BARS = (
    Param(name="instrument", help="An instrument's name.", required=True),
    Param(
        name="timeframe",
        read=filters.choice("timeframe", TIMEFRAMES).read,
        schema={"type": "string", "enum": TIMEFRAMES},
        required=True,
    ),
    filters.number("limit", least=1, most=2000, default=500),
    filters.instant("before", help="Only bars that had closed by then (desk time)."),
)


class MarketView(APIView):
    """A view whose parts may be away: that is 503, and not our fault."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, UnknownInstrument):
            exc = problems.invalid("instrument", f"{exc}.")
        elif isinstance(exc, MarketDataError):
            exc = Problem("unavailable", f"{exc}.")
        return super().handle_exception(exc)


class ClockView(MarketView):
    @extend_schema(summary="Desk time and wall time", responses=ClockSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002 (the framework's signature)
        return Response(bodies.clock_body())


class InstrumentList(MarketView):
    @plain_list(InstrumentSerializer, "Instruments")
    def get(self, request: Request) -> Response:
        filters.read(request.GET, ())
        return Response(bodies.instrument_bodies())


class QuoteList(MarketView):
    @plain_list(QuoteSerializer, "Latest quotes")
    def get(self, request: Request) -> Response:
        filters.read(request.GET, ())
        return Response(bodies.quote_bodies())


class BarList(MarketView):
    @extend_schema(
        summary="Closed bars of an instrument", parameters=described(BARS), responses=BarsSerializer
    )
    def get(self, request: Request) -> Response:
        asked: dict[str, Any] = filters.read(request.GET, BARS)
        body = bodies.bars_body(
            asked["instrument"],
            Timeframe(asked["timeframe"]),
            limit=asked.get("limit", 500),
            before=asked.get("before"),
        )
        return Response(body)
