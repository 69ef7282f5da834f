"""Which of two sizing rules is tighter: only one that can let no order be larger."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from apps.risk.domain.sizing import AtrTerms, KellyKind, KellyTerms, Rule, is_tighter

D = Decimal
KELLY = KellyTerms(kind=KellyKind.DISCRETE, fraction=D("0.25"), cap=D("0.02"), probe=D("0.001"))
ATR = AtrTerms(share=D("0.01"), multiple=D(2), timeframe="1h")
OLD = Rule(
    source="agent:*",
    risk_fraction=D("0.01"),
    target_volatility=None,
    assumed_stop=D("0.02"),
    kelly=KELLY,
    atr=ATR,
)


@pytest.mark.parametrize(
    "changes",
    [
        {"risk_fraction": D("0.005")},
        {"target_volatility": D("9")},  # one more sizer can only shrink
        {"assumed_stop": D("0.03")},
        {"assumed_stop": None},  # orders without a stop are denied
        {"kelly": replace(KELLY, fraction=D("0.1"))},
        {"kelly": replace(KELLY, probe=D("0.0005"), cap=D("0.01"))},
        {"atr": replace(ATR, multiple=D(3))},
        {"drawdown_scaling": True},
    ],
)
def test_a_rule_that_only_shrinks_is_tighter_and_its_opposite_is_not(changes: dict[str, Any]) -> None:
    new = replace(OLD, version=2, **changes)
    assert is_tighter(new, OLD)
    assert not is_tighter(OLD, new)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"source": "agent:one", "version": 7},
        {"risk_fraction": D("0.02")},
        {"risk_fraction": None},
        {"risk_fraction": D("0.005"), "assumed_stop": D("0.01")},  # smaller in one thing, larger in another
        {"kelly": None},
        {"kelly": replace(KELLY, kind=KellyKind.CONTINUOUS, fraction=D("0.01"))},
        {"kelly": replace(KELLY, cap=D("0.03"))},
        {"atr": None},
        {"atr": replace(ATR, timeframe="4h", share=D("0.001"))},
        {"atr": replace(ATR, multiple=D(1))},
    ],
)
def test_in_doubt_a_rule_is_not_tighter(changes: dict[str, Any]) -> None:
    assert not is_tighter(replace(OLD, **changes), OLD)


def test_a_first_rule_lets_pass_what_was_denied() -> None:
    assert not is_tighter(OLD, None)
