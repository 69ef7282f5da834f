"""The REST map, `/api/v1/`. Where two apps answer at one address, the roof puts their methods together."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.brokers.api.amending import AmendOrder
from apps.brokers.api.connections import ConnectionList
from apps.brokers.api.orders import SendOrder
from apps.edges.problems import Problem
from apps.portfolio.api.orders import OrderDetail, OrderList
from mtquant_site.api.session import Session, SessionPassword


class Nowhere(APIView):
    """Every address that is not in the map."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def initial(self, request: Request, *_: object, **__: object) -> None:
        raise Problem("not-found", f"There is no {request.path}.")


class Orders(SendOrder, OrderList):
    """`GET` is the portfolio's, `POST` the brokers'."""


class Order(AmendOrder, OrderDetail):  # `GET` is the portfolio's, `PATCH` the brokers'
    pass


urlpatterns: list[URLPattern | URLResolver] = [
    path("session/", Session.as_view(), name="session"),
    path("session/password/", SessionPassword.as_view(), name="session-password"),
    path("orders/", Orders.as_view(), name="orders"),
    path("connections/", ConnectionList.as_view(), name="connections"),
    path("", include("apps.agents.api.urls")),
    path("", include("apps.brokers.api.urls")),
    path("orders/<slug:order_id>/", Order.as_view(), name="order"),
    path("", include("apps.risk.api.urls")),
    path("", include("apps.portfolio.api.urls")),
    path("", include("apps.marketdata.api.urls")),
    path("<path:rest>", Nowhere.as_view()),
]
