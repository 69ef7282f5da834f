"""What the schema says of the bodies of this app."""

from typing import Any

from rest_framework import serializers

from apps.edges.shapes import Amount, Instant
from apps.risk.domain.breaker import BreakerLevel

LEVELS = [(level.value, level.name) for level in BreakerLevel]
LEVEL_NAMES = [level.name for level in BreakerLevel]
SEVERITIES = ["info", "warning", "critical"]
Shape = serializers.Serializer[Any]


def _thresholds() -> "serializers.ListField":
    return serializers.ListField(
        child=serializers.FloatField(), help_text="Shares lost at which levels 1 to 3 begin."
    )


class AccountBreakerSerializer(Shape):
    level = serializers.ChoiceField(LEVELS)
    level_name = serializers.ChoiceField(LEVEL_NAMES)
    thresholds = _thresholds()


class AccountSerializer(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()
    currency = serializers.CharField()
    environment = serializers.ChoiceField(["paper", "live"])
    enabled = serializers.BooleanField()
    entries_blocked = serializers.CharField(
        allow_blank=True, help_text="Why nothing that adds risk may be sent, or empty."
    )
    cash = Amount()
    equity = Amount(allow_null=True, help_text="Null before the first valuation, like what follows.")
    open_profit = Amount(allow_null=True)
    margin_used = Amount(allow_null=True)
    gross = Amount(allow_null=True)
    day_profit = Amount(allow_null=True, help_text="Equity against that at 17:00 New York.")
    drawdown = serializers.FloatField(allow_null=True, help_text="Share lost of the breaker's base.")
    high_water_mark = Amount(allow_null=True)
    breaker = AccountBreakerSerializer()
    desk_at = Instant(allow_null=True, help_text="Desk time of the valuation.")
    valued_at = Instant(allow_null=True, help_text="Wall time of the valuation.")


class CurvePointSerializer(Shape):
    at = Instant(help_text="Desk time.")
    mean = Amount()
    low = Amount()
    high = Amount()


class AccountCurveSerializer(Shape):
    points = CurvePointSerializer(many=True)
    limits = _thresholds()
    base = Amount(allow_null=True, help_text="The equity that losses are counted from.")


class BreakerSerializer(Shape):
    scope = serializers.CharField(help_text="desk, account:SLUG or agent:SLUG.")
    level = serializers.ChoiceField(LEVELS)
    level_name = serializers.ChoiceField(LEVEL_NAMES)
    drawdown = serializers.FloatField(help_text="Share lost of the base.")
    base = Amount(allow_null=True)
    equity = Amount(allow_null=True)
    thresholds = _thresholds()
    cause = serializers.CharField(allow_blank=True)
    changed_at = Instant(help_text="Wall time.")


class AlertSerializer(Shape):
    id = serializers.IntegerField()
    level = serializers.ChoiceField(SEVERITIES)
    rule = serializers.CharField()
    text = serializers.CharField()
    created_at = Instant(help_text="Wall time, as those that follow.")
    last_at = Instant(help_text="When it was raised last.")
    closed_at = Instant(allow_null=True)
    count = serializers.IntegerField(help_text="How often it was raised while open.")
