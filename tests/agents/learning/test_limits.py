"""Twins: sizing, limits and breaker over arrays give what the Decimal originals give."""

import math
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from apps.agents.learning import limits
from apps.marketdata.domain.bar import FloatArray
from apps.risk.domain import breaker, sizing
from apps.risk.domain.breaker import Bases, BreakerLevel
from apps.risk.domain.sizing import CannotSize, Rule, SizingInput
from tests.agents.learning.bars import spec, terms

SPEC, TERMS = spec(), terms()
LOSSES = tuple(
    breaker.Threshold(level=BreakerLevel(level), share=Decimal(share))
    for level, share in ((1, "0.05"), (2, "0.10"), (3, "0.15"))
)


def figures(low: str, high: str) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=6, allow_nan=False)


maybe = st.one_of(st.none(), figures("0.0001", "0.2"))


def array(value: Decimal | None) -> FloatArray:
    return np.array([math.nan if value is None else float(value)])


@given(
    risk=maybe,
    target=maybe,
    assumed=maybe,
    stop=st.one_of(st.none(), figures("0.0001", "0.05")),
    volatility=st.one_of(st.none(), figures("0.01", "0.6")),
    equity=figures("-1000", "500000"),
    price=figures("0.5", "200"),
    rate=figures("0.005", "1.5"),
    wish=st.integers(0, 500),
    level=st.sampled_from(BreakerLevel),
    lost=figures("0", "0.2"),
    scaling=st.booleans(),
)
def test_sizing_gives_the_same_lots_or_none(
    risk: Decimal | None,
    target: Decimal | None,
    assumed: Decimal | None,
    stop: Decimal | None,
    volatility: Decimal | None,
    equity: Decimal,
    price: Decimal,
    rate: Decimal,
    wish: int,
    level: BreakerLevel,
    lost: Decimal,
    scaling: bool,
) -> None:
    assume(risk is not None or target is not None)
    rule = Rule(
        source="agent:*",
        risk_fraction=risk,
        target_volatility=target,
        assumed_stop=assumed,
        drawdown_scaling=scaling,
    )
    asked = SizingInput(
        equity=equity,
        price=price,
        rate=rate,
        spec=SPEC,
        stop_distance=stop,
        yearly_volatility=volatility,
    )
    requested = Decimal(wish) / 100
    left = sizing.drawdown_factor(lost, Decimal("0.1"))
    expected, exact = _original(requested, rule, asked, level, left)
    how = replace(TERMS, reducing_share=0.1, **_floats(rule))
    room = limits.room_per_equity(
        price=array(price),
        rate=array(rate),
        stop_distance=array(stop),
        yearly_volatility=array(volatility),
        terms=how,
    )
    given_lots = limits.sized(
        array(requested),
        room=room,
        equity=array(equity),
        level=np.array([level]),
        terms=how,
        factor=limits.drawdown_factor(array(1 - lost), array(Decimal(1)), how),
    )[0]
    steps = exact / SPEC.lot_step
    assume(abs(steps - round(steps)) > Decimal("1e-7") or exact == requested)
    assert given_lots == pytest.approx(float(expected), rel=1e-9, abs=1e-9)


def _original(
    requested: Decimal, rule: Rule, asked: SizingInput, level: BreakerLevel, left: Decimal
) -> tuple[Decimal, Decimal]:
    """Return the lots that risk gives and the size before rounding; nothing where it denies."""
    try:
        sized = sizing.size(
            requested,
            held=Decimal(0),
            rule=rule,
            given=asked,
            level=level,
            is_person=False,
            drawdown_factor=left,
        )
    except CannotSize:
        return Decimal(0), Decimal(0)
    by_level = sizing.level_factor(level)
    exact = min(requested * by_level, min(sized.caps.values()) * sized.factor)
    return sized.quantity, exact


def _floats(rule: Rule) -> dict[str, Any]:
    names = ("risk_fraction", "target_volatility", "assumed_stop", "drawdown_scaling")
    return {name: float(array(getattr(rule, name))[0]) for name in names}


@given(st.integers(0, 1_000_000))
def test_a_whole_number_of_steps_stays_as_it_is(steps: int) -> None:
    exact = SPEC.floor_quantity(Decimal(steps) * SPEC.lot_step)
    assert limits.floor_lots(array(Decimal(steps) * SPEC.lot_step), TERMS)[0] == pytest.approx(float(exact))


@given(
    current=st.sampled_from(BreakerLevel),
    peak=figures("1", "1000000"),
    share=figures("-0.2", "1.5"),
)
def test_the_ladder_gives_the_same_level(current: BreakerLevel, peak: Decimal, share: Decimal) -> None:
    equity = peak * (1 - share)
    bases = Bases.at(peak, flows=Decimal(0), day=date(2024, 1, 1)).advanced(equity, day=date(2024, 1, 1))
    edges = [t.share * factor for t in LOSSES for factor in (1, breaker.RECOVERY)]
    assume(min(abs(bases.drawdown(equity) - edge) for edge in edges) > Decimal("1e-9"))
    expected, _ = breaker.next_level(current, equity=equity, bases=bases, thresholds=LOSSES, marks_good=True)
    loss = limits.drawdown(array(equity), array(bases.high_water_mark))
    assert loss[0] == pytest.approx(float(bases.drawdown(equity)), rel=1e-9, abs=1e-9)
    assert limits.next_levels(np.array([current]), loss, TERMS)[0] == expected


@pytest.mark.parametrize(
    ("lots", "level", "passes"),
    [(1.0, 0, True), (1.0, 1, True), (1.0, 2, False), (1.0, 3, False), (5.01, 0, False), (0.0, 0, True)],
)
def test_reducing_and_too_many_lots_deny(lots: float, level: int, passes: bool) -> None:
    passed = limits.permitted(
        np.array([lots]),
        lot_value=np.array([100.0]),
        equity=np.array([100_000.0]),
        level=np.array([level]),
        terms=TERMS,
    )
    assert passed[0] == passes


@pytest.mark.parametrize(("lots", "passes"), [(3.0, True), (3.2, False)])
def test_capital_denies_what_is_worth_six_times_the_equity(lots: float, passes: bool) -> None:
    """At a price of 1.9 a lot is worth 190,000, reserved at 3 % above: 3 lots 587,100, 3.2 lots 626,240."""
    passed = limits.permitted(
        np.array([lots]),
        lot_value=np.array([190_000.0]),
        equity=np.array([100_000.0]),
        level=np.array([0]),
        terms=TERMS,
    )
    assert passed[0] == passes


@pytest.mark.parametrize(("margin_rate", "passes"), [(1 / 30, True), (0.2, False)])
def test_margin_must_leave_a_fifth_free(margin_rate: float, passes: bool) -> None:
    passed = limits.permitted(
        np.array([3.0]),
        lot_value=np.array([150_000.0]),
        equity=np.array([100_000.0]),
        level=np.array([0]),
        terms=replace(TERMS, margin_rate=margin_rate),
    )
    assert passed[0] == passes
