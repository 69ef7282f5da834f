"""Addresses of this app below /api/v1/. `POST /orders/` is put together with the portfolio's at the roof."""

from django.urls import path

from apps.brokers.api.closing import ClosePosition
from apps.brokers.api.orders import CancelOrder, PreviewOrder

urlpatterns = [
    path("orders/preview/", PreviewOrder.as_view(), name="preview"),
    path("orders/<slug:order_id>/cancel/", CancelOrder.as_view(), name="cancel"),
    path("positions/<int:position_id>/close/", ClosePosition.as_view(), name="close"),
]
