"""Logging in and out of the web app, and what the one who is signed in may do."""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.edges import dialogs, grants, rights
from apps.edges.access import BrowserSession
from apps.edges.problems import Problem
from apps.marketdata import clock
from apps.marketdata.errors import MarketDataError
from apps.portfolio import overview as holdings

# "real" where no simulated venue keeps a clock, "unknown" where its clock file cannot be read.
MODES = ["PAPER", "LIVE"]
MARKETS = ["synthetic", "replay", "real", "unknown"]
Shape = serializers.Serializer[Any]


class SessionUserSerializer(Shape):
    id = serializers.IntegerField()
    username = serializers.CharField()


class SessionAccountSerializer(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()
    currency = serializers.CharField()
    rights = serializers.ListField(child=serializers.CharField(), help_text="What may be done on it.")


class SessionSerializer(Shape):
    user = SessionUserSerializer(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    rights = serializers.ListField(child=serializers.CharField(), help_text="What the roles give.")
    mode = serializers.ChoiceField(MODES)
    run = serializers.CharField()
    market = serializers.ChoiceField(MARKETS)
    speed = serializers.FloatField()
    csrf_token = serializers.CharField(help_text="To send as X-CSRFToken with every write.")
    password_fresh = serializers.BooleanField(help_text="It was typed in the last five minutes.")
    accounts = SessionAccountSerializer(many=True)
    agents_rights = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class CredentialsSerializer(Shape):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)


class PasswordSerializer(Shape):
    password = serializers.CharField(max_length=4096, trim_whitespace=False)


class Session(APIView):
    permission_classes = ()

    @extend_schema(summary="Who is signed in", responses=SessionSerializer)
    def get(self, request: Request) -> Response:
        return Response(session_body(request))

    @extend_schema(summary="Sign in", request=CredentialsSerializer, responses=SessionSerializer)
    def post(self, request: Request) -> Response:
        # Whoever is not signed in has no session to guard, but a login that another page sends is one.
        BrowserSession().enforce_csrf(request)
        given = CredentialsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(_plain(request), **given.validated_data)
        if user is None:
            raise Problem("wrong-password")
        login(_plain(request), user)
        request.user = user
        dialogs.remember_password(_plain(request))
        return Response(session_body(request))

    @extend_schema(summary="Sign out", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        user = request.user
        logout(_plain(request))
        if user.is_authenticated:
            grants.tell([user])  # its other open pages hear nothing more
        return Response(status=204)


class SessionPassword(APIView):
    @extend_schema(summary="Prove the password once more", request=PasswordSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        given = PasswordSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if not request.user.check_password(given.validated_data["password"]):
            raise Problem("forbidden", "This is not your password.")
        dialogs.remember_password(_plain(request))
        return Response(status=204)


def session_body(request: Request) -> dict[str, Any]:
    """Return who is signed in, what they may do, and which world this is."""
    user = request.user
    known = user.is_authenticated
    on_accounts = rights.held_on(user, rights.ACCOUNT) if known else {}
    names = holdings.account_names(on_accounts) if on_accounts else {}
    return {
        "user": {"id": user.pk, "username": user.get_username()} if known else None,
        "roles": sorted(rights.roles_of(user)) if known else [],
        "rights": rights.held(user) if known else [],
        "mode": "LIVE" if settings.MTQ_WORLD == "live" else "PAPER",
        "run": settings.MTQ_RUN,
        **_market(),
        "csrf_token": get_token(_plain(request)),
        "password_fresh": bool(known and dialogs.password_is_fresh(_plain(request))),
        "accounts": [
            {"slug": slug, "name": names[slug][0], "currency": names[slug][1], "rights": on_accounts[slug]}
            for slug in sorted(names)
        ],
        "agents_rights": rights.held_on(user, rights.AGENT) if known else {},
    }


def _market() -> dict[str, Any]:
    try:
        anchor = clock.anchor()
    except MarketDataError:
        return {"market": "unknown", "speed": 1.0}
    return {"market": anchor.market if anchor else "real", "speed": anchor.speed if anchor else 1.0}


def _plain(request: Request) -> HttpRequest:
    plain: HttpRequest = request._request  # noqa: SLF001 (Django's own request below the framework's)
    return plain
