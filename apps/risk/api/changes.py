"""Changes that need two people: proposed, looked at, decided on."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.edges import access, cursors, filters, problems, rights
from apps.edges.cursors import Listing
from apps.edges.filters import Param
from apps.edges.idempotency import once
from apps.edges.problems import Problem
from apps.edges.shapes import Instant, instant, paged
from apps.risk import changes, errors
from apps.risk.api.halting import prove
from apps.risk.api.shapes import Shape
from apps.risk.domain.change import Change, ChangeKind, ChangeState
from apps.risk.models import ChangeRequest

T = TypeVar("T")
Rows = QuerySet[Any, dict[str, Any]]
KINDS, STATES = [kind.value for kind in ChangeKind], [state.value for state in ChangeState]
COLUMNS = (
    "id", "kind", "scope", "subject", "payload", "payload_hash", "before", "maker", "reason", "state",
    "created_at", "expires_at", "decided_by", "decided_at", "decision_reason", "applied_at", "used_by",
)  # fmt: skip
MOMENTS = ("created_at", "expires_at", "decided_at", "applied_at")
LIST = Listing(
    params=(
        filters.choices("kind", KINDS, lookup="kind__in"),
        filters.choices("state", STATES, lookup="state__in"),
        Param(name="maker", lookup="maker", help="Who made it, as user:ID."),
        filters.flag("mine", help="True: what waits for a decision of yours."),
    ),
    orderings={"id": "id", "expires_at": "expires_at"},
)
REFUSALS: Mapping[type[errors.RiskError], str] = {
    errors.UnknownChange: "not-found",
    errors.WrongPerson: "forbidden",
    errors.NotAPerson: "forbidden",
    errors.BadChange: "unprocessable",
    errors.BadReason: "invalid",
    errors.UnknownScope: "unprocessable",
    errors.Outdated: "stale",
    errors.Busy: "busy",
}


class ChangeSerializer(Shape):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(KINDS)
    scope = serializers.CharField(help_text="Whose it is: desk, account:SLUG or agent:SLUG.")
    subject = serializers.CharField(help_text="What it would change; one request waits for each.")
    payload = serializers.DictField(help_text="What is to be done, numbers as text.")
    payload_hash = serializers.CharField(help_text="SHA-256 that the approval is bound to.")
    before = serializers.DictField(help_text="What stood in its place when it was proposed.")
    maker = serializers.CharField(help_text="user:ID")
    reason = serializers.CharField()
    state = serializers.ChoiceField(STATES)
    created_at = Instant(help_text="Wall time, as those that follow.")
    expires_at = Instant()
    decided_by = serializers.CharField(allow_blank=True)
    decided_at = Instant(allow_null=True)
    decision_reason = serializers.CharField(allow_blank=True)
    applied_at = Instant(allow_null=True)
    used_by = serializers.CharField(allow_blank=True, help_text="The order that used an override up.")


class ProposalSerializer(Shape):
    kind = serializers.ChoiceField(KINDS)
    payload = serializers.DictField(help_text="By kind; see the answer of a request of that kind.")
    reason = serializers.CharField(min_length=8, max_length=300)


class DecisionSerializer(Shape):
    reason = serializers.CharField(min_length=8, max_length=300, help_text="Kept for good beside your name.")


class ApprovalSerializer(DecisionSerializer):
    payload_hash = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="Of what you agree to.")
    password = serializers.CharField(
        max_length=4096,
        required=False,
        trim_whitespace=False,
        help_text="Where it was not typed in the last five minutes.",
    )


def body_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of one request."""
    return {name: instant(row[name]) if name in MOMENTS else row[name] for name in COLUMNS}


def _body(change: Change) -> dict[str, Any]:
    return body_of({name: getattr(change, name) for name in COLUMNS})


class ChangeList(APIView):
    @paged(ChangeSerializer, LIST, "Changes that need two people")
    def get(self, request: Request) -> Response:
        rows: Rows = ChangeRequest.objects.order_by("-id").values(*COLUMNS)
        seen = rights.only_visible(request.user, rows, {rights.SCOPE: "scope"})

        def mine(rows: Rows, values: Mapping[str, Any]) -> Rows:
            return _mine(rows, request.user) if values.get("mine") else rows

        return Response(cursors.page(request, seen, LIST, body_of, also=mine))

    @extend_schema(
        summary="Propose a change",
        request=ProposalSerializer,
        responses={201: ChangeSerializer},
        description="Nothing changes until a second person approves exactly this payload.",
    )
    @once
    def post(self, request: Request) -> Response:
        read = ProposalSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        asked = read.validated_data
        kind, payload = ChangeKind(asked["kind"]), dict(asked["payload"])
        right = "override.propose" if kind is ChangeKind.OVERRIDE else "change.propose"
        access.need(request.user, right)
        scope = _carried(lambda: changes.scope_of(kind, payload))
        access.need(request.user, right, **rights.of_scope(scope))
        made = _carried(
            lambda: changes.propose(
                kind=kind, payload=payload, reason=asked["reason"], by=rights.actor(request.user)
            )
        )
        return Response(_body(made), status=201, headers={"Location": f"{request.path}{made.id}/"})


class ChangeDetail(APIView):
    @extend_schema(summary="One change", responses=ChangeSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_body(_seen(request, pk)))


class Approve(APIView):
    @extend_schema(
        summary="Approve a change",
        request=ApprovalSerializer,
        responses=ChangeSerializer,
        description="It acts at once. 403 for whoever made it, 412 where anything has changed since, 403 "
        "/problems/password-needed where the password was last typed more than five minutes ago.",
    )
    @once
    def post(self, request: Request, pk: int) -> Response:
        read = ApprovalSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        asked = read.validated_data
        _may(request, pk, "change.approve")
        prove(request, asked.get("password"))
        by = rights.actor(request.user)
        decided = _carried(
            lambda: changes.approve(pk, by=by, reason=asked["reason"], payload_hash=asked["payload_hash"])
        )
        return Response(_body(decided))


class Reject(APIView):
    @extend_schema(summary="Reject a change", request=DecisionSerializer, responses=ChangeSerializer)
    @once
    def post(self, request: Request, pk: int) -> Response:
        return _decide(request, pk, "change.approve", changes.reject)


class Withdraw(APIView):
    @extend_schema(summary="Withdraw a change", request=DecisionSerializer, responses=ChangeSerializer)
    @once
    def post(self, request: Request, pk: int) -> Response:
        return _decide(request, pk, "change.withdraw", changes.withdraw)


def _decide(request: Request, pk: int, right: str, door: Callable[..., Change]) -> Response:
    read = DecisionSerializer(data=request.data)
    read.is_valid(raise_exception=True)
    _may(request, pk, right)
    by, reason = rights.actor(request.user), read.validated_data["reason"]
    return Response(_body(_carried(lambda: door(pk, by=by, reason=reason))))


def _seen(request: Request, pk: int) -> Change:
    """Return a request that the user may see. Raise a 404 problem."""
    rows = rights.only_visible(request.user, ChangeRequest.objects.filter(pk=pk), {rights.SCOPE: "scope"})
    row = rows.first()
    if row is None:
        raise Problem("not-found")
    found: Change = row.value()
    return found


def _may(request: Request, pk: int, right: str) -> None:
    access.need(request.user, right, **rights.of_scope(_seen(request, pk).scope))


def _mine(rows: Rows, user: Any) -> Rows:
    if not rights.may(user, "change.approve"):
        return rows.none()
    waiting = rows.filter(state=ChangeState.OPEN.value, expires_at__gt=timezone.now())
    return waiting.exclude(maker=f"user:{user.pk}")


def _carried(act: Callable[[], T]) -> T:
    """Call a door; say as a problem what it refuses. What is not possible now is a conflict."""
    try:
        return act()
    except errors.RiskError as error:
        kind = REFUSALS.get(type(error), "conflict")
        raise (problems.busy(str(error)) if kind == "busy" else Problem(kind, str(error))) from error
