"""Addresses of this app below /api/v1/."""

from django.urls import path

from apps.agents.api.lives import OrderLife
from apps.agents.api.reads import (
    AgentDetail,
    AgentList,
    RunDetail,
    RunList,
    SignalList,
    VersionEvaluation,
    VersionTearSheet,
)
from apps.agents.api.switches import CancelRun, Deploy, Pause, RestartRun, Resume, Train

urlpatterns = [
    path("agents/", AgentList.as_view(), name="agents"),
    path("agents/<slug:slug>/", AgentDetail.as_view(), name="agent"),
    path("agents/<slug:slug>/train/", Train.as_view(), name="train"),
    path("agents/<slug:slug>/pause/", Pause.as_view(), name="pause"),
    path("agents/<slug:slug>/resume/", Resume.as_view(), name="resume"),
    path("agents/<slug:slug>/deploy/", Deploy.as_view(), name="deploy"),
    path("runs/", RunList.as_view(), name="runs"),
    path("runs/<int:run_id>/", RunDetail.as_view(), name="run"),
    path("runs/<int:run_id>/cancel/", CancelRun.as_view(), name="cancel-run"),
    path("runs/<int:run_id>/restart/", RestartRun.as_view(), name="restart-run"),
    path("versions/<int:version_id>/evaluation/", VersionEvaluation.as_view(), name="evaluation"),
    path("versions/<int:version_id>/tearsheet/", VersionTearSheet.as_view(), name="tearsheet"),
    path("signals/", SignalList.as_view(), name="signals"),
    path("orders/<slug:order_id>/life/", OrderLife.as_view(), name="life"),
]
