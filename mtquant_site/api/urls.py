"""The REST map, `/api/v1/`. Where two apps answer at one address, the roof puts their methods together."""

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.edges.problems import Problem
from apps.portfolio.api.orders import OrderList


class Nowhere(APIView):
    """Every address that is not in the map."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def initial(self, request: Request, *_: object, **__: object) -> None:
        raise Problem("not-found", f"There is no {request.path}.")


class Orders(OrderList):
    """`GET` is the portfolio's, `POST` the brokers'."""


urlpatterns: list[URLPattern | URLResolver] = [
    path("orders/", Orders.as_view(), name="orders"),
    path("", include("apps.portfolio.api.urls")),
    path("<path:rest>", Nowhere.as_view()),
]
