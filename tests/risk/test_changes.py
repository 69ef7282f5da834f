import uuid
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from pytest_django import Settings

from apps.marketdata import instruments
from apps.portfolio import audit
from apps.risk import breakers, changes, review
from apps.risk.domain.breaker import LossBase
from apps.risk.domain.limits import REQUIRED, Metric, Unit
from apps.risk.domain.verdict import Approved
from apps.risk.errors import BadChange, BadReason, NeedsSecondPerson, UnknownScope
from apps.risk.management.races.stage import Stage
from apps.risk.models import InstrumentClass, RiskLimit, SizingRule
from tests.risk.desk import ACCOUNT, Desk

SCOPE = f"account:{ACCOUNT}"


def test_the_paper_limits_are_seeded_once(desk: Desk) -> None:
    before = RiskLimit.objects.count()
    assert changes.seed_paper_limits(ACCOUNT) == 0
    assert RiskLimit.objects.count() == before


def test_a_dozen_agents_with_half_a_lot_each_fit_the_paper_limits(desk: Desk) -> None:
    assert [desk.reasons("0.5", source=f"agent:{number}") for number in range(12)] == [set()] * 12


def test_a_change_keeps_the_old_version_and_goes_into_the_audit_chain(desk: Desk) -> None:
    desk.limit(SCOPE, Metric.ORDER_SIZE, "2")
    old, new = RiskLimit.objects.filter(scope=SCOPE, metric="order_size").order_by("version")
    assert (old.hard, old.version, new.hard, new.version) == (5, 1, 2, 2)
    assert old.ended_at == new.effective_from
    assert audit.verify(ACCOUNT) is None


@pytest.mark.parametrize(
    ("scope", "metric", "hard", "raised"),
    [
        (SCOPE, Metric.ORDER_SIZE, "4", {SCOPE}),
        ("source:*", Metric.POSITION, "4", {"desk"}),
        ("source:agent:trend", Metric.POSITION, "4", {"agent:trend"}),
        ("source:user:7", Metric.POSITION, "4", {"desk"}),
    ],
)
def test_a_tighter_limit_raises_the_epoch_of_who_it_concerns(
    desk: Desk, scope: str, metric: Metric, hard: str, raised: set[str]
) -> None:
    scopes = ("desk", SCOPE, "agent:trend")
    before = {name: breakers.state(name).epoch for name in scopes}
    desk.limit(scope, metric, hard)
    assert {name for name in scopes if breakers.state(name).epoch > before[name]} == raised


@pytest.mark.parametrize(
    ("metric", "change"),
    [
        (Metric.ORDER_SIZE, {"hard": "6"}),
        (Metric.FREE_MARGIN, {"hard": "0.1", "soft": "0.35", "unit": "equity"}),
        (Metric.POSITION, {"hard": "10", "soft": "9"}),
        (Metric.POSITION, {"hard": "10"}),
        (Metric.ORDER_SIZE, {"hard": "1", "unit": "money"}),
        (Metric.LOSS_HALTED, {"hard": "0.15", "unit": "share", "loss_base": "day_start"}),
    ],
)
def test_anything_looser_waits_for_a_second_person(
    desk: Desk, metric: Metric, change: dict[str, str]
) -> None:
    before = breakers.state(SCOPE).epoch
    with pytest.raises(NeedsSecondPerson):
        changes.set_limit(
            scope=SCOPE,
            metric=metric,
            hard=Decimal(change["hard"]),
            soft=Decimal(change["soft"]) if "soft" in change else None,
            unit=Unit(change.get("unit", "lots")),
            loss_base=LossBase(change.get("loss_base", "high_water_mark")),
            reason="test",
            by="user:1",
        )
    assert RiskLimit.objects.get(scope=SCOPE, metric=metric).version == 1
    assert breakers.state(SCOPE).epoch == before


def test_what_two_people_loosen_leaves_approved_orders_alone(desk: Desk) -> None:
    before = breakers.state(SCOPE).epoch
    desk.limit(SCOPE, Metric.ORDER_SIZE, "6")
    row = RiskLimit.objects.get(scope=SCOPE, metric="order_size", ended_at__isnull=True)
    assert (row.hard, row.version, row.changed_by) == (6, 2, "user:1, user:2")
    assert breakers.state(SCOPE).epoch == before


def test_a_first_loss_level_beyond_the_usual_one_waits_too(desk: Desk) -> None:
    asked = partial(
        changes.set_limit, scope="account:other", metric=Metric.LOSS_HALTED, unit=Unit.SHARE, reason="r",
        by="user:1",
    )  # fmt: skip
    with pytest.raises(NeedsSecondPerson):
        asked(hard=Decimal("0.16"))
    assert asked(hard=Decimal("0.15")).version == 1


def test_more_repeats_than_without_a_row_wait_too(desk: Desk) -> None:
    RiskLimit.objects.filter(metric=Metric.REPEATS).delete()
    asked = partial(
        changes.set_limit, scope=SCOPE, metric=Metric.REPEATS, unit=Unit.COUNT, reason="r", by="user:1"
    )
    with pytest.raises(NeedsSecondPerson):
        asked(hard=Decimal(11))
    assert asked(hard=Decimal(10)).version == 1


def test_a_limit_by_currency_is_a_row_of_its_own(desk: Desk) -> None:
    limit = changes.set_limit(
        scope="desk", metric=Metric.NET, hard=Decimal(3), unit=Unit.EQUITY, currency="JPY", reason="r",
        by="user:1",
    )  # fmt: skip
    assert (limit.currency, limit.version) == ("JPY", 1)
    assert RiskLimit.objects.filter(scope="desk", metric="net", ended_at__isnull=True).count() == 2


def test_what_people_changed_is_not_seeded_again(desk: Desk) -> None:
    desk.limit(SCOPE, Metric.ORDER_SIZE, "2")
    changes.withdraw_permission(source="*", instrument="*", reason="nobody trades", by="user:1")
    assert changes.seed_paper_limits(ACCOUNT) == 0
    assert RiskLimit.objects.get(scope=SCOPE, metric="order_size", ended_at__isnull=True).hard == 2


def test_every_limit_that_an_order_needs_is_seeded(desk: Desk) -> None:
    for scope in ("desk", SCOPE, "source:*"):
        found = set(RiskLimit.objects.filter(scope=scope).values_list("metric", flat=True))
        assert found >= {metric.value for metric in REQUIRED}


def test_a_higher_floor_is_tighter(desk: Desk) -> None:
    before = breakers.state(SCOPE).epoch
    changes.set_limit(
        scope=SCOPE, metric=Metric.FREE_MARGIN, hard=Decimal("0.3"), soft=Decimal("0.35"), unit=Unit.EQUITY,
        reason="test", by="user:1",
    )  # fmt: skip
    assert breakers.state(SCOPE).epoch == before + 1


def test_a_limit_in_a_unit_that_its_metric_has_not_is_refused(desk: Desk) -> None:
    with pytest.raises(BadChange, match="measured in lots"):
        changes.set_limit(
            scope="source:user:1", metric=Metric.ORDER_SIZE, hard=Decimal(5), unit=Unit.EQUITY,
            reason="test", by="user:1",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("scope", "metric", "unit"),
    [
        ("desk", Metric.MESSAGE_RATE, Unit.PER_SECOND),
        ("desk", Metric.MESSAGE_BURST, Unit.COUNT),
        ("desk", Metric.FREE_MARGIN, Unit.MONEY),
        ("source:user:1", Metric.FREE_MARGIN, Unit.MONEY),
        ("source:agent:*", Metric.LOSS_HALTED, Unit.SHARE),
    ],
)
def test_a_limit_where_nobody_judges_its_metric_is_refused(
    desk: Desk, scope: str, metric: Metric, unit: Unit
) -> None:
    with pytest.raises(BadChange, match=r"is judged at (account|source)"):
        desk.limit(scope, metric, "0.1", unit)


def test_a_change_wants_a_reason_and_a_scope_that_exists(desk: Desk) -> None:
    with pytest.raises(BadReason):
        changes.set_limit(
            scope=SCOPE, metric=Metric.GROSS, hard=Decimal(1), unit=Unit.MONEY, reason="", by="user:1"
        )
    with pytest.raises(UnknownScope):
        desk.limit("everybody", Metric.GROSS, "1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"hard": 0},
        {"hard": Decimal("NaN")},
        {"reason": ""},
        {"metric": "luck"},
        {"metric": "gross", "currency": "EUR"},
        {"unit": "apples"},
        {"metric": "loss_halted", "hard": 2, "unit": "share"},
    ],
)
def test_the_database_refuses_a_limit_that_cannot_be_judged(desk: Desk, wrong: dict[str, object]) -> None:
    usual = {
        "scope": "account:x", "metric": "gross", "hard": 1, "unit": "money", "reason": "r", "changed_by": "u",
    }  # fmt: skip
    with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
        RiskLimit.objects.create(**(usual | wrong))


def test_a_sizing_rule_ends_the_one_before_and_sizes_from_now_on(desk: Desk) -> None:
    sized = partial(changes.set_sizing, source="agent:*", risk_fraction=Decimal("0.01"), by="risk")
    sized(reason="first")
    sized(target_volatility=Decimal("0.05"), reason="by volatility too")
    rules = SizingRule.objects.filter(source="agent:*").order_by("version")
    assert [(rule.version, rule.ended_at is None) for rule in rules] == [(1, False), (2, True)]
    # There is no stored history here to measure a volatility from, and nothing is guessed.
    assert "no_volatility" in desk.reasons()


def test_a_sizing_rule_needs_a_reason(desk: Desk) -> None:
    with pytest.raises(BadReason):
        changes.set_sizing(source="*", risk_fraction=Decimal("0.5"), reason=" ", by="risk")


def test_classes_are_told_from_names_once_and_never_guessed(desk: Desk) -> None:
    names = ("EURUSD", "EURJPY", "AUDUSD", "XAUUSD", "DAX", "EURXXX")
    added = changes.seed_classes(names)
    found = dict(InstrumentClass.objects.values_list("instrument", "kind"))
    assert found == {"EURUSD": "fx_major", "EURJPY": "fx_major", "AUDUSD": "fx_minor", "XAUUSD": "gold"}
    assert (added, changes.seed_classes(names)) == (4, 0)


def test_a_stage_of_races_holds_no_row_that_nobody_judges(
    transactional_db: None, valkey: str, settings: Settings, tmp_path: Path
) -> None:
    settings.MTQ_RUN, settings.MTQ_CLOCK_FILE = f"run-{uuid.uuid4().hex[:12]}", tmp_path / "clock.json"
    instruments.forget()
    stage = Stage.build("race", ["one"])
    rows = [row.value() for row in RiskLimit.objects.filter(ended_at__isnull=True)]
    assert [row for row in rows if not row.is_judged] == []
    assert isinstance(review.permit(stage.request("one", "user:7", Decimal("0.5"))), Approved)
