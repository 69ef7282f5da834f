"""HALT: the desk or one account to level 3, on a reason, a typed word and a fresh password."""

from typing import Any

from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.edges import access, dialogs, idempotency, problems, rights
from apps.edges.problems import Problem
from apps.risk import breakers
from apps.risk.api.bodies import breaker_body
from apps.risk.api.shapes import BreakerSerializer, Shape
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.errors import Busy

WORD = "HALT"


class HaltSerializer(Shape):
    scope = serializers.RegexField(r"^(desk|account:[-a-zA-Z0-9_]+)$", help_text="desk or account:SLUG.")
    reason = serializers.CharField(min_length=8, max_length=300, help_text="Kept for good beside your name.")
    word = serializers.CharField(help_text=f"{WORD}, typed by a person.")
    password = serializers.CharField(
        max_length=4096,
        required=False,
        trim_whitespace=False,
        help_text="Where it was not typed in the last five minutes.",
    )

    def validate_word(self, word: str) -> str:
        if word != WORD:
            raise serializers.ValidationError(f"Type {WORD}.")
        return word


class Halt(APIView):
    @extend_schema(
        summary="Halt the desk or an account",
        request=HaltSerializer,
        responses=BreakerSerializer,
        description="Entries are cancelled and every position is closed. 403 /problems/password-needed where "
        "the password was last typed more than five minutes ago.",
    )
    def post(self, request: Request) -> Response:
        # What is halted stays halted: a repetition needs no answer that was kept, nor the store of answers.
        idempotency.key_of(request)
        read = HaltSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        asked = read.validated_data
        named: dict[str, Any] = rights.of_scope(asked["scope"])
        access.need(request.user, "breaker.trip" if named else "desk.halt", **named)
        prove(request, asked.get("password"))
        _trip(asked["scope"], reason=asked["reason"], by=rights.actor(request.user))
        return Response(breaker_body(asked["scope"]))


def prove(request: Request, password: str | None) -> None:
    """Take the password for proof, or one that was typed a moment ago. Raise the problem that asks for it."""
    plain: HttpRequest = request._request  # noqa: SLF001 (Django's own request below the framework's)
    if password is not None:
        if not request.user.check_password(password):
            raise Problem("password-needed", "This is not your password.")
        dialogs.remember_password(plain)
    elif not dialogs.password_is_fresh(plain):
        raise Problem("password-needed", "Your password was last typed more than five minutes ago.")


def _trip(scope: str, *, reason: str, by: str) -> None:
    try:
        breakers.trip(scope=scope, level=BreakerLevel.HALTED, cause=reason, by=by)
    except Busy as error:
        raise problems.busy(f"{error}. Nothing was done yet: send it again.") from error
