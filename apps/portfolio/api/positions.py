"""What accounts hold, marked at the prices that would close it."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.edges import filters
from apps.edges.filters import Param
from apps.edges.shapes import plain_list
from apps.portfolio import bodies
from apps.portfolio.api.orders import seen
from apps.portfolio.api.shapes import PositionSerializer

PARAMS = (Param(name="account", help="An account's slug."),)


class PositionList(APIView):
    @plain_list(PositionSerializer, "Open positions", PARAMS)
    def get(self, request: Request) -> Response:
        wanted = filters.read(request.GET, PARAMS).get("account")
        visible = seen(request)
        return Response(bodies.positions({wanted} if wanted else visible))
