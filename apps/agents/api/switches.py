"""What people do with agents: train, stop a training, pause, resume, deploy."""

from collections.abc import Callable, Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from apps.agents import lifecycle, training
from apps.agents.api import bodies
from apps.agents.api.reads import see_version, visible_run
from apps.agents.api.shapes import (
    AgentSerializer,
    DeploySerializer,
    SwitchSerializer,
    TrainingRunSerializer,
    TrainSerializer,
)
from apps.agents.errors import AgentError, AlreadyTraining, UnknownAgent, UnknownRun
from apps.agents.models import PolicyVersion
from apps.edges import access, rights
from apps.edges.problems import Problem

LOCATION = OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[202])


def _read(shape: type[Serializer[Any]], request: Request) -> Mapping[str, Any]:
    given = shape(data=request.data)
    given.is_valid(raise_exception=True)
    read: Mapping[str, Any] = given.validated_data
    return read


def _do(act: Callable[[], Any]) -> Any:
    """Call a door. Raise the problem that its refusal is, with its sentence."""
    try:
        return act()
    except AlreadyTraining as error:
        raise Problem("already-training", f"{error}.") from error
    except (UnknownAgent, UnknownRun) as error:
        raise Problem("not-found", f"{error}.") from error
    except AgentError as error:
        raise Problem("conflict", f"{error}.") from error


def _queued(run_id: int) -> Response:
    return Response(bodies.run_body(run_id), status=202, headers={"Location": f"/api/v1/runs/{run_id}/"})


class Train(APIView):
    @extend_schema(
        summary="Ask for a training",
        request=TrainSerializer,
        responses={202: TrainingRunSerializer},
        parameters=[LOCATION],
        description="409 /problems/already-training while one of this agent is queued or under way.",
    )
    def post(self, request: Request, slug: str) -> Response:
        access.need(request.user, "agent.train", agent=slug)
        asked = _read(TrainSerializer, request)
        if asked["deploy"]:
            access.need(request.user, "agent.deploy", agent=slug)
        run_id = _do(
            lambda: training.queue(
                agent_slug=slug,
                config={name: asked[name] for name in ("steps", "seeds")},
                deploy=asked["deploy"],
                by=rights.actor(request.user),
            )
        )
        return _queued(run_id)


class CancelRun(APIView):
    @extend_schema(summary="Stop a training", request=None, responses=TrainingRunSerializer)
    def post(self, request: Request, run_id: int) -> Response:
        run = visible_run(request.user, run_id)
        access.need(request.user, "agent.train", agent=run.agent.slug)
        _do(lambda: training.cancel(run_id=run_id, by=rights.actor(request.user)))
        return Response(bodies.run_body(run_id))


class RestartRun(APIView):
    @extend_schema(
        summary="Ask again for a training that stopped early",
        request=None,
        responses={202: TrainingRunSerializer},
        parameters=[LOCATION],
        description="Seeds that it finished are taken over.",
    )
    def post(self, request: Request, run_id: int) -> Response:
        run = visible_run(request.user, run_id)
        access.need(request.user, "agent.train", agent=run.agent.slug)
        if run.deploy:
            access.need(request.user, "agent.deploy", agent=run.agent.slug)
        return _queued(_do(lambda: training.restart(run_id=run_id, by=rights.actor(request.user))))


class Pause(APIView):
    @extend_schema(
        summary="Pause an agent",
        request=SwitchSerializer,
        responses=AgentSerializer,
        description="It decides nothing until it is resumed. Its position and its stops stay.",
    )
    def post(self, request: Request, slug: str) -> Response:
        return _switch(request, slug, "agent.pause", lifecycle.pause)


class Resume(APIView):
    @extend_schema(summary="Resume an agent", request=SwitchSerializer, responses=AgentSerializer)
    def post(self, request: Request, slug: str) -> Response:
        return _switch(request, slug, "agent.resume", lifecycle.resume)


def _switch(request: Request, slug: str, right: str, door: Callable[..., None]) -> Response:
    access.need(request.user, right, agent=slug)
    reason = _read(SwitchSerializer, request)["reason"]
    _do(lambda: door(slug=slug, reason=reason, by=rights.actor(request.user)))
    return Response(bodies.agent_body(slug))


class Deploy(APIView):
    @extend_schema(
        summary="Let an agent decide by another version",
        request=DeploySerializer,
        responses=AgentSerializer,
        description="From its next closed bar on. One in research goes to paper.",
    )
    def post(self, request: Request, slug: str) -> Response:
        access.need(request.user, "agent.deploy", agent=slug)
        asked = _read(DeploySerializer, request)
        if PolicyVersion.objects.filter(pk=asked["version"], kind="learned").exists():
            see_version(request.user, asked["version"])  # a refusal would name whose it is
        _do(
            lambda: lifecycle.deploy(
                slug=slug,
                version_id=asked["version"],
                reason=asked["reason"],
                by=rights.actor(request.user),
            )
        )
        return Response(bodies.agent_body(slug))
