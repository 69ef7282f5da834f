"""What the schema says of the bodies of this app."""

from typing import Any

from rest_framework import serializers

from apps.edges.shapes import Amount, Instant
from apps.portfolio.domain.order import OrderStatus, OrderType, Side

SIDES = [side.value for side in Side]
TYPES = [kind.value for kind in OrderType]
KINDS = ["entry", "exit"]
ENVIRONMENTS = ["paper", "live"]
STATUSES = [status.value for status in OrderStatus]

Shape = serializers.Serializer[Any]


class ReasonSerializer(Shape):
    check = serializers.CharField(help_text="Name of the check that denied.")
    reason = serializers.CharField(help_text="Stable code.")
    text = serializers.CharField()
    value = Amount(allow_null=True)
    limit = Amount(allow_null=True)
    unit = serializers.CharField()


class OrderSerializer(Shape):
    id = serializers.CharField(help_text="Our client order id: 24 hex digits.")
    account = serializers.CharField()
    source = serializers.CharField(help_text="agent:SLUG, user:ID or enforcement:ID.")  # type: ignore[assignment]
    source_name = serializers.CharField()
    instrument = serializers.CharField()
    side = serializers.ChoiceField(SIDES)
    type = serializers.ChoiceField(TYPES)
    quantity = Amount(help_text="Lots that risk approved.")
    requested_quantity = Amount()
    filled = Amount()
    average_price = Amount(allow_null=True)
    price = Amount(allow_null=True)
    stop_loss = Amount(allow_null=True)
    take_profit = Amount(allow_null=True)
    reduce_only = serializers.BooleanField()
    status = serializers.ChoiceField(STATUSES)
    reasons = ReasonSerializer(many=True)
    venue_order_id = serializers.CharField()
    requested_at = Instant(help_text="Desk time.")
    created_at = Instant(help_text="Wall time.")
    environment = serializers.ChoiceField(ENVIRONMENTS)
    kind = serializers.ChoiceField(KINDS)
    client_ref = serializers.CharField(
        allow_blank=True,
        help_text="The client's own name for it, unique per account; else empty.",
    )
    revision = serializers.IntegerField(help_text="How many changes of it were asked for.")


class FillSerializer(Shape):
    id = serializers.CharField(help_text="The venue's execution id.")
    order = serializers.CharField()
    account = serializers.CharField()
    instrument = serializers.CharField()
    side = serializers.ChoiceField(SIDES)
    quantity = Amount()
    price = Amount()
    profit = Amount()
    commission = Amount()
    swap = Amount()
    cash_change = Amount(help_text="All money that the venue moved for it.")
    executed_at = Instant(help_text="Desk time.")
    source = serializers.CharField()  # type: ignore[assignment]


class PositionSerializer(Shape):
    id = serializers.IntegerField()
    account = serializers.CharField()
    instrument = serializers.CharField()
    source = serializers.CharField(help_text="Empty for the account's net position.", allow_blank=True)  # type: ignore[assignment]
    quantity = Amount(help_text="Signed lots.")
    average_price = Amount()
    mark = Amount(allow_null=True, help_text="The price that would close it; the last known where stale.")
    open_profit = Amount(allow_null=True)
    profit_currency = serializers.CharField()
    stale = serializers.BooleanField()
