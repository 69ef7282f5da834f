"""Sizing rules as people change them: tighter ones at once, others through a second person."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from apps.portfolio import audit
from apps.risk import changes
from apps.risk.domain.change import ChangeKind
from apps.risk.domain.sizing import AtrTerms, KellyKind, KellyTerms
from apps.risk.errors import AlreadyProposed, BadChange, NeedsSecondPerson, WrongPerson
from apps.risk.models import SizingRule
from tests.risk.desk import Desk

D = Decimal
ANNA, BERT = "user:71 (anna)", "user:72 (bert)"
PAYLOAD = {
    "source": "agent:*",
    "target_volatility": "0.10",
    "kelly_kind": "continuous",
    "kelly_fraction": "0.25",
    "kelly_cap": "3",
    "kelly_probe": "0.001",
    "atr_share": "0.01",
    "atr_multiple": "2",
    "atr_timeframe": "1h",
    "drawdown_scaling": "yes",
}


def in_force(source: str = "agent:*") -> SizingRule | None:
    return SizingRule.objects.filter(source=source, ended_at__isnull=True).first()


def propose(**figures: Any) -> int:
    change = changes.propose(kind=ChangeKind.SIZING, payload=PAYLOAD | figures, reason="more room", by=ANNA)
    return change.id


def test_two_people_put_a_rule_of_every_sizer_in_force(desk: Desk) -> None:
    asked = propose()
    assert in_force() is None
    with pytest.raises(WrongPerson):
        changes.approve(asked, by=ANNA, reason="looks right to me")
    changes.approve(asked, by=BERT, reason="agreed on Monday")
    row = in_force()
    assert row is not None
    rule = row.value()
    assert rule.kelly == KellyTerms(kind=KellyKind.CONTINUOUS, fraction=D("0.25"), cap=D(3), probe=D("0.001"))
    assert rule.atr == AtrTerms(share=D("0.01"), multiple=D(2), timeframe="1h")
    assert (rule.risk_fraction, rule.target_volatility, rule.drawdown_scaling) == (None, D("0.1"), True)
    assert audit.verify("desk") is None


def test_one_subject_has_one_open_request(desk: Desk) -> None:
    propose()
    with pytest.raises(AlreadyProposed):
        propose(target_volatility="0.2")


@pytest.mark.parametrize(
    "wrong",
    [
        {"target_volatility": "NaN"},
        {"target_volatility": "11"},
        {"kelly_fraction": ""},
        {"kelly_kind": ""},
        {"kelly_kind": "half"},
        {"kelly_kind": "discrete"},  # its cap is a share of equity, and 3 is none
        {"kelly_fraction": "1.5"},
        {"atr_timeframe": ""},
        {"atr_timeframe": "2h"},
        {"atr_multiple": "0"},
        {"drawdown_scaling": "maybe"},
        {"source": "everybody"},
        {"luck": "1"},
    ],
)
def test_a_rule_that_sizes_nothing_cannot_be_proposed(desk: Desk, wrong: dict[str, str]) -> None:
    with pytest.raises(BadChange):
        propose(**wrong)


def test_a_rule_without_a_sizer_cannot_be_proposed(desk: Desk) -> None:
    payload = {"source": "agent:*", "drawdown_scaling": "yes"}
    with pytest.raises(BadChange):
        changes.propose(kind=ChangeKind.SIZING, payload=payload, reason="no sizer", by=ANNA)


def test_a_tighter_rule_acts_at_once_and_a_looser_one_needs_two(desk: Desk) -> None:
    # On this desk `*` sizes agents: 1 % at the stop, 2 % assumed. A rule of their own displaces it.
    usual: dict[str, Any] = {"source": "agent:*", "reason": "review of risk", "by": ANNA}
    changes.set_sizing(**usual, risk_fraction=D("0.005"), assumed_stop=D("0.02"), drawdown_scaling=True)
    for looser in (
        {"risk_fraction": D("0.006"), "assumed_stop": D("0.02"), "drawdown_scaling": True},
        {"risk_fraction": D("0.005"), "assumed_stop": D("0.02")},
        {"risk_fraction": D("0.005"), "assumed_stop": D("0.01"), "drawdown_scaling": True},
    ):
        with pytest.raises(NeedsSecondPerson):
            changes.set_sizing(**usual, **looser)
    with pytest.raises(NeedsSecondPerson):
        changes.set_sizing(**(usual | {"source": "agent:trend"}), risk_fraction=D("0.008"))


def test_paper_agents_are_sized_by_stop_and_volatility_less_after_losses(desk: Desk) -> None:
    assert changes.seed_agent_sizing() == 1
    assert changes.seed_agent_sizing() == 0
    row = in_force()
    assert row is not None
    assert (row.risk_fraction, row.target_volatility, row.drawdown_scaling) == (D("0.01"), D("0.05"), True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"risk_fraction": None},
        {"risk_fraction": D("NaN")},
        {"kelly_kind": "discrete"},
        {"kelly_kind": "half", "kelly_fraction": 1, "kelly_cap": 1, "kelly_probe": 1},
        {"kelly_kind": "discrete", "kelly_fraction": 1, "kelly_cap": 2, "kelly_probe": 1},
        {"kelly_kind": "continuous", "kelly_fraction": 0, "kelly_cap": 2, "kelly_probe": 1},
        {"kelly_fraction": D("0.5")},
        {"atr_timeframe": "1h"},
        {"atr_timeframe": "2h", "atr_share": D("0.01"), "atr_multiple": 2},
        {"atr_timeframe": "1h", "atr_share": D("0.01"), "atr_multiple": D("NaN")},
    ],
)
def test_the_database_refuses_a_rule_that_no_order_could_be_sized_by(
    desk: Desk, wrong: dict[str, Any]
) -> None:
    usual: dict[str, Any] = {"source": "x", "risk_fraction": D("0.01"), "reason": "r", "changed_by": "u"}
    with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
        SizingRule.objects.create(**(usual | wrong))
