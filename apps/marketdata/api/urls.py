"""Addresses of this app below /api/v1/."""

from django.urls import path

from apps.marketdata.api.views import BarList, ClockView, InstrumentList, QuoteList

urlpatterns = [
    path("clock/", ClockView.as_view(), name="clock"),
    path("instruments/", InstrumentList.as_view(), name="instruments"),
    path("quotes/", QuoteList.as_view(), name="quotes"),
    path("bars/", BarList.as_view(), name="bars"),
]
