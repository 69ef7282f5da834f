"""Connections to venues, as far as the reader may see their accounts."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.brokers.api import bodies
from apps.brokers.domain.health import Health
from apps.edges import filters, rights
from apps.edges.shapes import Instant, plain_list

STATES = [*(health.value for health in Health), "disabled"]


class ConnectionSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    account = serializers.CharField()
    venue = serializers.CharField()
    state = serializers.ChoiceField(STATES, help_text="Of its session for orders.")
    state_since = Instant(allow_null=True, help_text="Wall time.")
    latency_ms = serializers.FloatField(allow_null=True)
    last_error = serializers.CharField(allow_blank=True)
    changeable = serializers.ListField(
        child=serializers.CharField(), help_text="Terms of a resting order that the venue can change."
    )


class ConnectionList(APIView):
    @plain_list(ConnectionSerializer, "Connections to venues")
    def get(self, request: Request) -> Response:
        filters.read(request.GET, ())
        return Response(bodies.connection_bodies(rights.visible(request.user, rights.ACCOUNT)))
