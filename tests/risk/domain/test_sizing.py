from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.sizing import (
    CannotSize,
    Rule,
    Sized,
    SizingInput,
    fixed_fractional,
    size,
    volatility_target,
)
from tests.risk.cast import EURUSD

LOTS = st.decimals(min_value="0.01", max_value=50, places=2)


def rule(**changes: Any) -> Rule:
    usual: dict[str, Any] = {
        "risk_fraction": Decimal("0.01"),
        "target_volatility": None,
        "assumed_stop": None,
    }
    return Rule(source="*", **(usual | changes))


def given_(**changes: Any) -> SizingInput:
    usual: dict[str, Any] = {
        "equity": Decimal(100_000),
        "price": Decimal("1.25"),
        "rate": Decimal(1),
        "spec": EURUSD,
        "stop_distance": Decimal("0.0050"),
        "yearly_volatility": Decimal("0.08"),
    }
    return SizingInput(**(usual | changes))


def sized(requested: str | Decimal, **changes: Any) -> Sized:
    usual: dict[str, Any] = {
        "held": Decimal(0),
        "rule": rule(),
        "given": given_(),
        "level": BreakerLevel.NORMAL,
        "is_person": False,
    }
    return size(Decimal(requested), **(usual | changes))


def test_fixed_fractional_loses_the_fraction_at_the_stop() -> None:
    assert fixed_fractional(rule(), given_()) == 2  # 1,000 USD at 500 USD a lot


def test_the_rate_makes_a_stop_in_foreign_money_dearer() -> None:
    assert fixed_fractional(rule(), given_(rate=Decimal(2))) == 1


def test_without_a_stop_the_rule_assumes_one_or_denies() -> None:
    assumed = rule(assumed_stop=Decimal("0.02"))
    assert fixed_fractional(assumed, given_(stop_distance=None)) == Decimal("0.4")
    with pytest.raises(CannotSize) as error:
        fixed_fractional(rule(), given_(stop_distance=None))
    assert error.value.reason == "no_stop"


def test_volatility_target_holds_the_yearly_volatility_of_equity() -> None:
    aiming = rule(target_volatility=Decimal("0.2"))
    assert volatility_target(aiming, given_()) == 2  # 20,000 / (8 % of 125,000)


@pytest.mark.parametrize("volatility", [None, Decimal(0), Decimal("NaN")])
def test_no_history_is_no_size(volatility: Decimal | None) -> None:
    with pytest.raises(CannotSize) as error:
        volatility_target(rule(target_volatility=Decimal("0.2")), given_(yearly_volatility=volatility))
    assert error.value.reason == "no_volatility"


def test_the_least_of_request_and_all_sizers_counts() -> None:
    both = rule(target_volatility=Decimal("0.1"))
    assert sized("0.5", rule=both).quantity == Decimal("0.5")
    assert sized("5", rule=both).quantity == 1
    assert sized("5").quantity == 2


def test_a_cap_is_a_position_so_what_is_held_counts() -> None:
    assert sized("5", held=Decimal("1.5")).quantity == Decimal("0.5")
    assert sized("5", held=Decimal(2)).quantity == 0


def test_a_position_on_the_other_side_gives_no_extra_room() -> None:
    assert sized("5", held=Decimal(-3)).quantity == 2


def test_a_warning_halves_an_entry() -> None:
    assert sized("1", level=BreakerLevel.WARNING).quantity == Decimal("0.5")


def test_at_a_warning_the_size_named_to_a_person_is_one_that_passes() -> None:
    asked = sized("1.5", level=BreakerLevel.WARNING, is_person=True)
    assert asked.room == 1
    assert sized(asked.room, level=BreakerLevel.WARNING, is_person=True).quantity == 1


@given(
    requested=LOTS,
    held=st.decimals(min_value=-20, max_value=20, places=2),
    equity=st.decimals(min_value=-1000, max_value=10**7, places=2),
    stop=st.decimals(min_value="0.00001", max_value=1, places=5),
    level=st.sampled_from(BreakerLevel),
    is_person=st.booleans(),
)
def test_sizing_never_enlarges_and_stays_on_the_step(
    requested: Decimal, held: Decimal, equity: Decimal, stop: Decimal, level: BreakerLevel, is_person: bool
) -> None:
    found = sized(
        requested,
        held=held,
        given=given_(equity=equity, stop_distance=stop),
        level=level,
        is_person=is_person,
    )
    assert 0 <= found.quantity <= requested
    assert found.quantity % EURUSD.lot_step == 0
    assert found.quantity == 0 or found.quantity + max(Decimal(0), held) <= min(found.caps.values())
