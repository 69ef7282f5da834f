from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.portfolio import audit
from apps.risk import breakers, changes
from apps.risk.domain.limits import Metric, Unit
from apps.risk.errors import BadReason, UnknownScope
from apps.risk.models import RiskLimit, SizingRule
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
        (SCOPE, Metric.ORDER_SIZE, "6", set()),
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


def test_a_higher_floor_is_tighter(desk: Desk) -> None:
    before = breakers.state(SCOPE).epoch
    desk.limit(SCOPE, Metric.FREE_MARGIN, "0.3", Unit.EQUITY)
    assert breakers.state(SCOPE).epoch == before + 1


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
    changes.set_sizing(source="agent:*", risk_fraction=Decimal("0.01"), reason="first", by="risk")
    changes.set_sizing(source="agent:*", target_volatility=Decimal("0.05"), reason="by volatility", by="risk")
    rules = SizingRule.objects.filter(source="agent:*").order_by("version")
    assert [(rule.version, rule.ended_at is None) for rule in rules] == [(1, False), (2, True)]
    # There is no stored history here to measure a volatility from, and nothing is guessed.
    assert "no_volatility" in desk.reasons()


def test_a_sizing_rule_needs_a_reason(desk: Desk) -> None:
    with pytest.raises(BadReason):
        changes.set_sizing(source="*", risk_fraction=Decimal("0.5"), reason=" ", by="risk")
