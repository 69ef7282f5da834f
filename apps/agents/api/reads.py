"""Agents, their versions, trainings and signals, as far as the reader may see the agents."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.agents import scorecard
from apps.agents.api import bodies
from apps.agents.api.shapes import (
    OUTCOMES,
    RUN_STATUSES,
    AgentDetailSerializer,
    AgentSerializer,
    EvaluationSerializer,
    SignalSerializer,
    TrainingRunSerializer,
)
from apps.agents.errors import PolicyChanged, UnknownAgent, UnknownRun
from apps.agents.models import Agent, TrainingRun
from apps.edges import access, cursors, filters, rights
from apps.edges.cursors import Listing
from apps.edges.filters import Param
from apps.edges.problems import Problem
from apps.edges.shapes import paged, plain_list

T = TypeVar("T")
Rows = QuerySet[Any, dict[str, Any]]
_AGENT = Param(name="agent", lookup="agent__slug", help="An agent's slug.")
HTML = "text/html; charset=utf-8"
SIGNALS = Listing(
    params=(
        _AGENT,
        filters.choice("outcome", OUTCOMES, lookup="outcome"),
        filters.instant("bar_close_at__gte", lookup="bar_close_at__gte", help="Desk time."),
        filters.instant("bar_close_at__lt", lookup="bar_close_at__lt", help="Desk time."),
    ),
    orderings={"id": "id"},
)
RUNS = Listing(
    params=(_AGENT, filters.choice("status", RUN_STATUSES, lookup="status")), orderings={"id": "id"}
)


def seen(request: Request) -> set[str]:
    """Return the agents that the reader may see; one that is asked for must be among them (404)."""
    wanted = request.GET.get("agent")
    if wanted:
        access.need(request.user, "agent.view", agent=wanted)
    return rights.visible(request.user, rights.AGENT)


def found(read: Callable[[], T]) -> T:
    """Return what is read. Raise a 404 problem for what there is not."""
    try:
        return read()
    except (UnknownAgent, UnknownRun) as error:
        raise Problem("not-found", f"{error}.") from error


def visible_run(user: Any, run_id: int) -> TrainingRun:
    """Return a training. Raise a 404 problem where there is none of an agent that the user may see."""
    run = TrainingRun.objects.select_related("agent").filter(pk=run_id).first()
    if run is None or run.agent.slug not in rights.visible(user, rights.AGENT):
        raise Problem("not-found", f"There is no training {run_id}.")
    return run


def see_version(user: Any, version_id: int) -> None:
    """Raise a 404 problem for a version that no agent which the user may see has or was trained to."""
    agents = Agent.objects.filter(Q(version=version_id) | Q(runs__version=version_id))
    if not agents.filter(slug__in=rights.visible(user, rights.AGENT)).exists():
        raise Problem("not-found", f"There is no version {version_id}.")


class AgentList(APIView):
    @plain_list(AgentSerializer, "Agents")
    def get(self, request: Request) -> Response:
        filters.read(request.GET, ())
        return Response(bodies.agent_bodies(rights.visible(request.user, rights.AGENT)))


class AgentDetail(APIView):
    @extend_schema(summary="One agent with versions and trainings", responses=AgentDetailSerializer)
    def get(self, request: Request, slug: str) -> Response:
        access.need(request.user, "agent.view", agent=slug)
        held = rights.held_on(request.user, rights.AGENT)[slug]
        return Response(found(lambda: bodies.detail_body(slug, rights=held)))


class VersionEvaluation(APIView):
    @extend_schema(summary="How a version did beside the baselines", responses=EvaluationSerializer)
    def get(self, request: Request, version_id: int) -> Response:
        see_version(request.user, version_id)
        judged = found(lambda: scorecard.evaluation(version_id))
        if judged is None:
            raise Problem("not-found", f"Version {version_id} was not evaluated yet.")
        return Response(bodies.evaluation_of(judged))


class VersionTearSheet(APIView):
    @extend_schema(
        summary="A version's tear sheet",
        responses={(200, "text/html"): OpenApiResponse({"type": "string"}, description="One page of HTML.")},
    )
    def get(self, request: Request, version_id: int) -> HttpResponse:
        see_version(request.user, version_id)
        try:
            page = found(lambda: scorecard.tear_sheet(version_id))
        except PolicyChanged as error:
            raise Problem("not-found", f"{error}.") from error
        if page is None:
            raise Problem("not-found", f"Version {version_id} has no tear sheet.")
        # It draws with styles of its own and runs nothing.
        policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
        return HttpResponse(page, content_type=HTML, headers={"Content-Security-Policy": policy})


class RunList(APIView):
    @paged(TrainingRunSerializer, RUNS, "Trainings")
    def get(self, request: Request) -> Response:
        rows: Rows = TrainingRun.objects.filter(agent__slug__in=seen(request)).values("id")  # type: ignore[assignment]
        page = cursors.page(request, rows, RUNS, dict)
        return Response(page | {"results": bodies.run_bodies([row["id"] for row in page["results"]])})


class RunDetail(APIView):
    @extend_schema(summary="One training", responses=TrainingRunSerializer)
    def get(self, request: Request, run_id: int) -> Response:
        return Response(bodies.run_body(visible_run(request.user, run_id).pk))


class SignalList(APIView):
    @paged(SignalSerializer, SIGNALS, "What agents wanted")
    def get(self, request: Request) -> Response:
        rows = bodies.signal_rows().filter(agent__slug__in=seen(request))
        page = cursors.page(request, rows, SIGNALS, dict)
        return Response(page | {"results": bodies.signals_of(page["results"])})
