"""Addresses of this app below /api/v1/. Those that other apps write to are put together at the roof."""

from django.urls import path

from apps.portfolio.api.orders import FillList
from apps.portfolio.api.positions import PositionList

urlpatterns = [
    path("fills/", FillList.as_view(), name="fills"),
    path("positions/", PositionList.as_view(), name="positions"),
]
