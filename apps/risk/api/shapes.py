"""What the schema says of the bodies of this app."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.edges.shapes import Amount, Instant, ref
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.limits import Metric, Unit

LEVELS = [(level.value, level.name) for level in BreakerLevel]
LEVEL_NAMES = [level.name for level in BreakerLevel]
SEVERITIES = ["info", "warning", "critical"]
METRICS = [metric.value for metric in Metric]
UNITS = [unit.value for unit in Unit]
VERDICTS = ["approved", "denied", "refused"]
METHODS = ["historical", "normal", "ewma"]
Shape = serializers.Serializer[Any]


@extend_schema_field({"type": "array", "items": ref("Check")})
class CheckRefs(serializers.ListField):
    """Checks, as the brokers' edge describes them."""


@extend_schema_field({"type": "object", "additionalProperties": True})
class Facts(serializers.DictField):
    """What was kept beside a review: keys of their own, numbers as text."""


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


class LimitSerializer(Shape):
    id = serializers.IntegerField(help_text="Of the version in force.")
    scope = serializers.CharField(help_text="desk, account:SLUG or source:SOURCE.")
    scope_name = serializers.CharField()
    metric = serializers.ChoiceField(METRICS)
    name = serializers.CharField(help_text="The metric in words.")
    counts = serializers.CharField(
        allow_blank=True, help_text="The instrument or currency that it counts alone, else empty."
    )
    at = serializers.CharField(
        allow_blank=True, help_text="The instrument that stands highest where each counts for itself."
    )
    unit = serializers.ChoiceField(UNITS)
    currency = serializers.CharField(allow_blank=True, help_text="Of money, else empty.")
    used = Amount(allow_null=True, help_text="Null where it is not known, or bounds each order.")
    soft = Amount(allow_null=True)
    hard = Amount(allow_null=True, help_text="Null where it is a multiple of an equity that is not known.")
    left = Amount(allow_null=True, help_text="Below nought where the use is beyond the limit.")
    share = serializers.FloatField(allow_null=True, help_text="Used part, of a floor how near it is.")
    is_floor = serializers.BooleanField(help_text="What must be there, not what may be used.")
    is_over = serializers.BooleanField(help_text="No entry passes until it is back.")
    is_soft = serializers.BooleanField(help_text="Beyond the soft mark, within the limit.")
    each_order = serializers.BooleanField(help_text="Bounds each order: nothing stands in it between two.")
    why = serializers.CharField(allow_blank=True, help_text="Why the use is not known.")
    version = serializers.IntegerField()


class DenialCountSerializer(Shape):
    check = serializers.CharField()
    count = serializers.IntegerField(help_text="Orders that it denied, alone or with others.")
    sources = serializers.DictField(child=serializers.IntegerField())
    instruments = serializers.DictField(child=serializers.IntegerField())


class KeptReviewSerializer(Shape):
    id = serializers.IntegerField()
    order = serializers.CharField(allow_blank=True, help_text="Empty where it could not be an order.")
    account = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    source_name = serializers.CharField()
    instrument = serializers.CharField()
    verdict = serializers.ChoiceField(VERDICTS)
    soft = serializers.BooleanField(help_text="Some check passed beyond a soft limit.")
    created_at = Instant(help_text="Wall time.")
    elapsed_ms = serializers.FloatField()
    request = Facts(help_text="As it was asked; numbers are text.")
    checks = CheckRefs(help_text="In the order they were asked.")
    sizing = Facts(help_text="What each sizer allowed, empty where nothing was sized.")
    quotes = Facts(help_text="`used` by instrument with bid, ask and desk time; `faults` of the others.")
    levels = Facts(help_text="Where the breakers stood.")
    limit_versions = Facts(help_text="Versions of the limits in force.")


class RiskMethodSerializer(Shape):
    method = serializers.ChoiceField(METHODS)
    var = Amount(allow_null=True)
    es = Amount(allow_null=True)


class ExposureSerializer(Shape):
    of = serializers.ChoiceField(["currency", "instrument"])
    name = serializers.CharField()
    amount = Amount(help_text="Signed, in the base currency.")


class CorrelationSerializer(Shape):
    names = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))


class RiskFiguresSerializer(Shape):
    scope = serializers.CharField(help_text="desk, account:SLUG or source:SOURCE.")
    scope_name = serializers.CharField()
    currency = serializers.CharField(help_text="The desk's base currency, of all money here.")
    level = serializers.ChoiceField(LEVELS)
    level_name = serializers.ChoiceField(LEVEL_NAMES)
    equity = Amount(allow_null=True, help_text="Null is not known, like in what follows.")
    drawdown = serializers.FloatField(allow_null=True, help_text="Share below the peak.")
    profit = Amount(allow_null=True)
    day_loss = Amount(allow_null=True, help_text="Since 17:00 New York, nought after a gain.")
    gross = Amount(allow_null=True)
    net = Amount(allow_null=True)
    margin_used = Amount(allow_null=True)
    open_orders = serializers.IntegerField()
    sigma = Amount(allow_null=True, help_text="Of one day, every open entry added; limits use it.")
    var = Amount(allow_null=True, help_text="99 %, one day, normal; limits use it.")
    es = Amount(allow_null=True)
    methods = RiskMethodSerializer(many=True, help_text="Of positions alone, about once a minute.")
    days = serializers.IntegerField(allow_null=True, help_text="Days of history behind the methods.")
    exposures = ExposureSerializer(many=True)
    instruments = ExposureSerializer(many=True, help_text="Signed value of positions.")
    correlation = CorrelationSerializer(allow_null=True)
    missing = serializers.CharField(allow_blank=True, help_text="Why some figure is not there.")
    marks_good = serializers.BooleanField()
    desk_at = Instant(help_text="Desk time.")
    measured_at = Instant(help_text="Wall time.")
    figured_at = Instant(allow_null=True, help_text="Wall time of methods, exposures and correlation.")
