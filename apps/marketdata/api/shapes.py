"""What the schema says of the bodies of this app."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.edges.shapes import Amount, Instant
from apps.marketdata.domain.bar import Timeframe

TIMEFRAMES = [timeframe.value for timeframe in Timeframe]
MARKETS = ["synthetic", "replay", "real"]
Shape = serializers.Serializer[Any]


class ClockSerializer(Shape):
    desk_at = Instant(help_text="The market's time.")
    wall_at = Instant(help_text="Everybody else's time.")
    speed = serializers.FloatField(help_text="Desk seconds in a second of wall time.")
    market = serializers.ChoiceField(MARKETS)
    ended = serializers.BooleanField(help_text="The replay is over: desk time stands still.")
    epoch = serializers.IntegerField(help_text="One higher after each jump of the clock.")


class InstrumentSerializer(Shape):
    name = serializers.CharField()
    base_currency = serializers.CharField()
    quote_currency = serializers.CharField()
    contract_size = Amount(help_text="Units of the base currency in one lot.")
    tick_size = Amount()
    digits = serializers.IntegerField(help_text="Decimals of a price.")
    lot_step = Amount()
    lot_min = Amount()
    lot_max = Amount()
    is_open = serializers.BooleanField()


class QuoteSerializer(Shape):
    instrument = serializers.CharField()
    bid = Amount(allow_null=True)
    ask = Amount(allow_null=True)
    spread = Amount(allow_null=True)
    quote_at = Instant(allow_null=True, help_text="Desk time.")
    age_s = serializers.FloatField(allow_null=True, help_text="Desk seconds since then.")
    stale = serializers.BooleanField(help_text="Nothing may be traded on it.")
    day_open = Amount(allow_null=True, help_text="Mid at the first bar since 17:00 New York.")
    day_change = serializers.FloatField(allow_null=True, help_text="Mid against that, as a ratio.")


@extend_schema_field(
    {
        "type": "array",
        "description": "Open in epoch seconds; open, high, low, close (mid); volume; spread at the close.",
        "prefixItems": [
            {"type": "integer"},
            *({"type": "string", "format": "decimal"} for _ in range(4)),
            {"type": "number"},
            {"type": "string", "format": "decimal"},
        ],
        "minItems": 7,
        "maxItems": 7,
    }
)
class BarRow(serializers.Field):  # type: ignore[type-arg]
    """One bar as a row."""


class BarsSerializer(Shape):
    instrument = serializers.CharField()
    timeframe = serializers.ChoiceField(TIMEFRAMES)
    digits = serializers.IntegerField()
    bars = serializers.ListField(child=BarRow(), help_text="Closed bars only, oldest first.")
