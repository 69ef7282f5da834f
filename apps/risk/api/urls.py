"""Addresses of this app below /api/v1/."""

from django.urls import path

from apps.risk.api.halting import Halt
from apps.risk.api.reads import AccountCurve, AccountDetail, AccountList, AlertList, BreakerList

urlpatterns = [
    path("accounts/", AccountList.as_view(), name="accounts"),
    path("accounts/<slug:slug>/", AccountDetail.as_view(), name="account"),
    path("accounts/<slug:slug>/curve/", AccountCurve.as_view(), name="account-curve"),
    path("breakers/", BreakerList.as_view(), name="breakers"),
    path("risk/halt/", Halt.as_view(), name="halt"),
    path("alerts/", AlertList.as_view(), name="alerts"),
]
