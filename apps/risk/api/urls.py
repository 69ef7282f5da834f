"""Addresses of this app below /api/v1/."""

from django.urls import path

from apps.risk.api.changes import Approve, ChangeDetail, ChangeList, Reject, Withdraw
from apps.risk.api.halting import Halt
from apps.risk.api.judged import DenialList, LimitList, ReviewDetail, RiskDetail, RiskList
from apps.risk.api.reads import AccountCurve, AccountDetail, AccountList, AlertList, BreakerList

urlpatterns = [
    path("accounts/", AccountList.as_view(), name="accounts"),
    path("accounts/<slug:slug>/", AccountDetail.as_view(), name="account"),
    path("accounts/<slug:slug>/curve/", AccountCurve.as_view(), name="account-curve"),
    path("breakers/", BreakerList.as_view(), name="breakers"),
    path("risk/halt/", Halt.as_view(), name="halt"),
    path("changes/", ChangeList.as_view(), name="changes"),
    path("changes/<int:pk>/", ChangeDetail.as_view(), name="change"),
    path("changes/<int:pk>/approve/", Approve.as_view(), name="change-approve"),
    path("changes/<int:pk>/reject/", Reject.as_view(), name="change-reject"),
    path("changes/<int:pk>/withdraw/", Withdraw.as_view(), name="change-withdraw"),
    path("risk/", RiskList.as_view(), name="risk"),
    path("risk/<str:scope>/", RiskDetail.as_view(), name="risk-of-scope"),
    path("limits/", LimitList.as_view(), name="limits"),
    path("denials/", DenialList.as_view(), name="denials"),
    path("reviews/<int:review_id>/", ReviewDetail.as_view(), name="review"),
    path("alerts/", AlertList.as_view(), name="alerts"),
]
