"""Addresses of this app below /api/v1/. Those that other apps write to are put together at the roof."""

from django.urls import path

from apps.portfolio.api.orders import FillList, OrderDetail
from apps.portfolio.api.positions import PositionList

urlpatterns = [
    path("orders/<slug:order_id>/", OrderDetail.as_view(), name="order"),
    path("fills/", FillList.as_view(), name="fills"),
    path("positions/", PositionList.as_view(), name="positions"),
]
