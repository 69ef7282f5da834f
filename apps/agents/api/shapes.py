"""What the schema says of the bodies of this app."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.agents.models import Agent, PolicyVersion, Signal, TrainingRun
from apps.edges.shapes import Amount, Instant, ref

KINDS = [kind for kind, _ in PolicyVersion.KINDS]
STAGES = [stage for stage, _ in Agent.STAGES]
STATES = [state for state, _ in Agent.STATES]
RUN_STATUSES = [status for status, _ in TrainingRun.STATUSES]
OUTCOMES = [outcome for outcome, _ in Signal.OUTCOMES]
NUMBER = {"type": "number"}
POINTS = {"type": "array", "items": {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}}

Shape = serializers.Serializer[Any]


@extend_schema_field({"type": "object", "additionalProperties": {}})
class Facts(serializers.DictField):
    """A free object."""


@extend_schema_field({"type": "array", "items": POINTS})
class SeedCurves(serializers.ListField):
    """For each seed so far its points [step, mean reward]."""


@extend_schema_field({"type": "object", "additionalProperties": POINTS})
class Curves(serializers.DictField):
    """By name of the comparison its points [epoch second, value]."""


@extend_schema_field({"type": "object", "additionalProperties": NUMBER})
class Seen(serializers.DictField):
    """Column to value."""


class ProgressSerializer(Shape):
    stage = serializers.CharField(allow_blank=True, help_text="Empty, or what is done beside the steps.")
    seed_index = serializers.IntegerField(help_text="The seed that learns now, from 0.")
    seeds = serializers.IntegerField()
    step = serializers.IntegerField(help_text="Of this seed.")
    steps = serializers.IntegerField(help_text="Of each seed.")
    curve = SeedCurves(help_text="For each seed so far its points [step, mean reward].")
    left_s = serializers.FloatField(allow_null=True, help_text="Real seconds left; null before it is known.")


class TrainingRunSerializer(Shape):
    id = serializers.IntegerField()
    agent = serializers.CharField()
    status = serializers.ChoiceField(RUN_STATUSES)
    progress = ProgressSerializer()
    config = Facts(help_text="Seeds, steps, and what differs from the defaults.")
    train_from = Instant(allow_null=True, help_text="Desk time, as the periods that follow.")
    train_to = Instant(allow_null=True)
    eval_from = Instant(allow_null=True)
    eval_to = Instant(allow_null=True)
    requested_by = serializers.CharField()
    cancel_requested = serializers.CharField(allow_blank=True, help_text="Who asked to stop it, or empty.")
    created_at = Instant(help_text="Wall time, as those that follow.")
    started_at = Instant(allow_null=True)
    finished_at = Instant(allow_null=True)
    error = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField(allow_null=True, help_text="The id of the version it gave.")
    version_name = serializers.CharField(allow_blank=True)
    deploy = serializers.BooleanField(help_text="The agent decides by the result as soon as it is there.")
    note = serializers.CharField(allow_blank=True)
    restart_of = serializers.IntegerField(allow_null=True)


class AgainstSerializer(Shape):
    net_return = serializers.FloatField(help_text="0.01 is one per cent.")
    sharpe = serializers.FloatField(allow_null=True)


class ScoreSerializer(Shape):
    name = serializers.CharField(help_text="agent, flat, buy-and-hold, ma-cross or random.")
    net_return = serializers.FloatField(help_text="After all costs; 0.01 is one per cent.")
    sharpe = serializers.FloatField(allow_null=True, help_text="Null where nothing moved.")
    max_drawdown = serializers.FloatField()
    trades = serializers.FloatField()
    turnover = serializers.FloatField()
    costs = serializers.FloatField()
    exposure = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="5 % quantile of the net return over draws.")
    high = serializers.FloatField(allow_null=True, help_text="95 % quantile.")


class SeedScoreSerializer(Shape):
    seed = serializers.IntegerField()
    net_return = serializers.FloatField()
    sharpe = serializers.FloatField(allow_null=True)
    max_drawdown = serializers.FloatField()
    trades = serializers.FloatField()


class EvaluationSerializer(Shape):
    version = serializers.IntegerField()
    version_name = serializers.CharField()
    eval_from = Instant(help_text="Desk time: a period it was not trained on.")
    eval_to = Instant()
    cost_version = serializers.CharField()
    spread_label = serializers.CharField(help_text="Recorded, or which assumption.")
    rows = ScoreSerializer(many=True)
    equity = Curves(help_text="By name, points [epoch second, value].")
    drawdown = Curves(help_text="By name, points [epoch second, share].")
    members = SeedScoreSerializer(many=True)
    note = serializers.CharField(allow_blank=True)
    created_at = Instant(help_text="Wall time.")


class VersionSerializer(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    number = serializers.IntegerField()
    kind = serializers.ChoiceField(KINDS)
    hash = serializers.CharField(help_text="Of its content.")
    created_at = Instant(help_text="Wall time.")
    active = serializers.BooleanField(help_text="The agent decides by it.")
    summary = Facts(help_text="Seeds, steps, periods and scores in short.")
    tear_sheet_url = serializers.CharField(allow_null=True)


class AgentSerializer(Shape):
    slug = serializers.CharField()
    name = serializers.CharField()
    account = serializers.CharField()
    instrument = serializers.CharField()
    timeframe = serializers.CharField()
    kind = serializers.ChoiceField(KINDS)
    stage = serializers.ChoiceField(STAGES)
    state = serializers.ChoiceField(STATES)
    state_reason = serializers.CharField(allow_blank=True)
    version = serializers.CharField(allow_blank=True, help_text="Name of what it decides by; empty before.")
    version_id = serializers.IntegerField(allow_null=True)
    trained_at = Instant(allow_null=True, help_text="Wall time.")
    position = Amount(help_text="Signed lots.")
    day_profit = Amount(help_text="What the venue booked today, costs included.")
    orders_today = serializers.IntegerField()
    last_signal_at = Instant(allow_null=True, help_text="Desk time of the bar.")
    training = TrainingRunSerializer(allow_null=True, help_text="Under way, else the last one.")
    evaluation = serializers.DictField(
        child=AgainstSerializer(), allow_null=True, help_text="agent and each baseline."
    )
    note = serializers.CharField(allow_blank=True)


class AgentDetailSerializer(AgentSerializer):
    versions = VersionSerializer(many=True)
    evaluation = EvaluationSerializer(allow_null=True)  # type: ignore[assignment]
    runs = TrainingRunSerializer(many=True)
    rights = serializers.ListField(child=serializers.CharField(), help_text="What you may do with it.")


class SignalSerializer(Shape):
    id = serializers.IntegerField()
    agent = serializers.CharField()
    instrument = serializers.CharField()
    bar_close_at = Instant(help_text="Desk time.")
    target = serializers.FloatField(help_text="-1 short to 1 long.")
    outcome = serializers.ChoiceField(OUTCOMES)
    outcome_text = serializers.CharField(allow_blank=True)
    orders = serializers.ListField(child=serializers.CharField(), help_text="Ids, the exit first.")
    created_at = Instant(help_text="Wall time.")
    reference_price = Amount()
    version = serializers.CharField()


class SeenSignalSerializer(SignalSerializer):
    """A signal with what its agent saw."""

    observation = Seen(help_text="By column the value that the policy saw.")


@extend_schema_field(ref("Order"))
class OrderRef(serializers.DictField):
    """An order, as the portfolio's edge describes it."""


@extend_schema_field({"type": "array", "items": ref("Fill")})
class FillRefs(serializers.ListField):
    """Fills, as the portfolio's edge describes them."""


@extend_schema_field({"type": "array", "items": ref("Check")})
class CheckRefs(serializers.ListField):
    """Checks, as the brokers' edge describes them."""


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
class Caps(serializers.DictField):
    """Lots by the name of a sizer."""


class SizingSerializer(Shape):
    requested = Amount()
    quantity = Amount(help_text="Lots that sizing leaves of the request.")
    caps = Caps(help_text="The position that each sizer allows, in lots.")
    factor = Amount(help_text="1, or 0.5 at WARNING.")
    equity = Amount(help_text="Account money that it was sized on.")
    rule = serializers.CharField()


class ReviewSerializer(Shape):
    checks = CheckRefs()
    sizing = SizingSerializer(allow_null=True, help_text="Null where nothing is sized: an exit.")
    elapsed_ms = serializers.FloatField()
    created_at = Instant(help_text="Wall time.")


class LifeEventSerializer(Shape):
    at = Instant(help_text="Wall time.")
    kind = serializers.CharField()
    old_status = serializers.CharField(allow_blank=True)
    new_status = serializers.CharField()
    detail = Facts()
    text = serializers.CharField(allow_blank=True, help_text="One sentence.")


class OrderLifeSerializer(Shape):
    order = OrderRef()
    signal = SeenSignalSerializer(allow_null=True, help_text="Of an agent's order.")
    review = ReviewSerializer(allow_null=True, help_text="Null for an order that somebody else sent.")
    events = LifeEventSerializer(many=True)
    fills = FillRefs()


class SwitchSerializer(Shape):
    """What an agent's switches ask."""

    reason = serializers.CharField(min_length=8, max_length=300, help_text="Kept beside your name.")


class DeploySerializer(SwitchSerializer):
    version = serializers.IntegerField(min_value=1)


class TrainSerializer(Shape):
    """What a training may be asked for; more is the command line's."""

    steps = serializers.IntegerField(default=60_000, min_value=1, max_value=5_000_000)
    seeds = serializers.IntegerField(default=3, min_value=1, max_value=20)
    deploy = serializers.BooleanField(default=False)
