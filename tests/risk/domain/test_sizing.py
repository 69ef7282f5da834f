from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.sizing import (
    SIZERS,
    AtrTerms,
    CannotSize,
    KellyKind,
    KellyTerms,
    Rule,
    Sized,
    SizingInput,
    atr,
    drawdown_factor,
    fixed_fractional,
    size,
    statistics,
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


def test_atr_loses_its_share_over_a_multiple_of_the_range() -> None:
    ranging = rule(atr=AtrTerms(share=Decimal("0.01"), multiple=Decimal(2), timeframe="1h"))
    assert atr(ranging, given_(average_range=Decimal("0.0025"))) == 2  # 1,000 USD at 500 USD a lot
    assert atr(ranging, given_(average_range=Decimal("0.0025"), rate=Decimal(2))) == 1


@pytest.mark.parametrize("measured", [None, Decimal(0), Decimal("NaN"), Decimal("Infinity")])
def test_without_a_range_there_is_no_atr_size(measured: Decimal | None) -> None:
    ranging = rule(atr=AtrTerms(share=Decimal("0.01"), multiple=Decimal(2), timeframe="1h"))
    assert _reason(rule=ranging, given=given_(average_range=measured)) == "no_atr"


def _reason(requested: str = "1", **changes: Any) -> str:
    with pytest.raises(CannotSize) as error:
        sized(requested, **changes)
    return error.value.reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"equity": Decimal("NaN")}, "bad_equity"),
        ({"equity": Decimal("Infinity")}, "bad_equity"),
        ({"price": Decimal("NaN")}, "bad_price"),
        ({"rate": Decimal(0)}, "no_rate"),
        ({"rate": Decimal("NaN")}, "no_rate"),
        ({"stop_distance": Decimal(0)}, "no_stop"),
        ({"stop_distance": Decimal("NaN")}, "no_stop"),
        ({"stop_distance": Decimal("Infinity")}, "no_stop"),
        ({"spec": replace(EURUSD, contract_size=Decimal(0))}, "bad_contract"),
        ({"spec": replace(EURUSD, lot_step=Decimal("NaN"))}, "bad_contract"),
    ],
)
def test_what_cannot_be_computed_with_is_denied_by_name(changes: dict[str, Any], reason: str) -> None:
    assert _reason(given=given_(**changes)) == reason


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-Infinity"])
def test_a_quantity_that_is_no_number_has_no_size(odd: str) -> None:
    assert _reason(odd) == "bad_quantity"
    assert _reason(held=Decimal(odd)) == "bad_quantity"


def test_an_equity_of_nothing_leaves_nothing() -> None:
    assert sized("1", given=given_(equity=Decimal(0))).quantity == 0
    assert sized("1", given=given_(equity=Decimal(-1))).quantity == 0


@pytest.mark.parametrize(
    ("drawdown", "left"), [("0", "1"), ("0.025", "0.75"), ("0.1", "0"), ("0.3", "0"), ("-0.1", "1")]
)
def test_what_a_drawdown_leaves_ends_at_the_second_level(drawdown: str, left: str) -> None:
    assert drawdown_factor(Decimal(drawdown), Decimal("0.1")) == Decimal(left)


def test_losses_scale_the_position_and_only_by_a_rule_that_says_so() -> None:
    scaling, left = rule(drawdown_scaling=True), Decimal("0.75")
    assert sized("5", drawdown_factor=left).quantity == 2
    assert sized("5", rule=scaling, drawdown_factor=left).quantity == Decimal("1.5")
    # What is held counts in full, so that asking again and again does not creep up to the whole.
    assert sized("5", rule=scaling, drawdown_factor=left, held=Decimal("1.5")).quantity == 0
    at_warning = sized("5", rule=scaling, drawdown_factor=left, level=BreakerLevel.WARNING)
    assert (at_warning.quantity, at_warning.factor) == (Decimal("0.75"), Decimal("0.375"))


@pytest.mark.parametrize("level", [BreakerLevel.REDUCING, BreakerLevel.HALTED])
def test_from_reducing_on_no_entry_has_a_size(level: BreakerLevel) -> None:
    assert _reason(level=level) == f"breaker_{level.name.lower()}"


def test_a_person_who_asks_in_risk_is_sized() -> None:
    asked = {"is_person": True, "risk_share": Decimal("0.004")}
    assert sized("50", **asked).quantity == Decimal("0.8")  # 400 USD at 500 USD a lot
    assert sized("0.5", **asked).quantity == Decimal("0.5")
    assert sized("50", **(asked | {"risk_share": Decimal("0.5")})).quantity == 2  # the rule's own cap
    assert sized("50", **asked, level=BreakerLevel.WARNING).quantity == Decimal("0.4")


@pytest.mark.parametrize("share", ["0", "-1", "1.01", "NaN", "Infinity"])
def test_a_share_at_risk_lies_between_none_and_all(share: str) -> None:
    assert _reason(risk_share=Decimal(share)) == "bad_risk_share"


def test_a_share_at_risk_needs_a_stop_of_its_own() -> None:
    assumed = rule(assumed_stop=Decimal("0.02"))
    without = given_(stop_distance=None)
    assert _reason(rule=assumed, given=without, risk_share=Decimal("0.01")) == "no_stop"


def test_a_size_a_hair_below_a_step_is_not_rounded_onto_it() -> None:
    hair = given_(equity=Decimal("999." + "9" * 30))  # the usual 28 digits see 1000, enough for 0.02 lots
    assert sized("1", given=hair).quantity == Decimal("0.01")


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
    level=st.sampled_from([BreakerLevel.NORMAL, BreakerLevel.WARNING]),
    is_person=st.booleans(),
    left=st.decimals(min_value=0, max_value=1, places=4),
    risk_share=st.one_of(st.none(), st.decimals(min_value="0.0001", max_value=1, places=4)),
    sizers=st.sets(st.sampled_from(sorted(SIZERS)), min_size=1),
    returns=st.lists(st.decimals(min_value="-0.02", max_value="0.03", places=4), max_size=60),
    kind=st.sampled_from(KellyKind),
)
def test_sizing_never_enlarges_and_stays_on_the_step(
    requested: Decimal,
    held: Decimal,
    equity: Decimal,
    stop: Decimal,
    level: BreakerLevel,
    is_person: bool,
    left: Decimal,
    risk_share: Decimal | None,
    sizers: set[str],
    returns: list[Decimal],
    kind: KellyKind,
) -> None:
    given = given_(
        equity=equity,
        stop_distance=stop,
        average_range=stop / 2,
        trades=statistics(returns, is_paper=True),
    )
    try:
        found = sized(
            requested,
            held=held,
            rule=_of_sizers(sizers, kind),
            given=given,
            level=level,
            is_person=is_person,
            drawdown_factor=left,
            risk_share=risk_share,
        )
    except CannotSize as denied:
        event(denied.reason)
        return
    assert set(found.caps) == sizers
    assert 0 <= found.quantity <= requested
    assert found.quantity % EURUSD.lot_step == 0
    assert found.quantity == 0 or found.quantity + max(Decimal(0), held) <= min(found.caps.values()) * left


def _of_sizers(names: set[str], kind: KellyKind) -> Rule:
    terms = KellyTerms(kind=kind, fraction=Decimal("0.25"), cap=Decimal("0.02"), probe=Decimal("0.001"))
    figures: dict[str, dict[str, Any]] = {
        "fixed_fractional": {"risk_fraction": Decimal("0.01")},
        "volatility_target": {"target_volatility": Decimal("0.1")},
        "kelly": {"kelly": terms},
        "atr": {"atr": AtrTerms(share=Decimal("0.01"), multiple=Decimal(2), timeframe="1h")},
    }
    chosen: dict[str, Any] = {"risk_fraction": None, "drawdown_scaling": True}
    for name in names:
        chosen |= figures[name]
    return rule(**chosen)
