"""From a policy's action to legs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.agents.domain.signal import Decision, Leg, has_expired, interpret, may_ask_again
from apps.agents.errors import PolicyFault
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.portfolio.domain.order import Side

EURUSD = InstrumentSpec(
    name="EURUSD",
    base_currency="EUR",
    quote_currency="USD",
    contract_size=Decimal(100_000),
    tick_size=Decimal("0.00001"),
    lot_step=Decimal("0.01"),
    lot_min=Decimal("0.01"),
    lot_max=Decimal(100),
    margin_rate=Decimal(1) / 30,
)
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def decide(action: object, held: str = "0") -> Decision | None:
    return interpret(action, held=Decimal(held), max_lots=Decimal(1), spec=EURUSD)


def test_a_wish_from_flat_is_one_entry() -> None:
    decision = decide(0.5)
    assert decision is not None
    assert decision.legs == (Leg(number=1, side=Side.BUY, quantity=Decimal("0.50"), reduce_only=False),)


def test_a_reversal_goes_out_first() -> None:
    decision = decide(-1.0, held="0.30")
    assert decision is not None
    assert [(leg.number, leg.side, leg.quantity, leg.reduce_only) for leg in decision.legs] == [
        (0, Side.SELL, Decimal("0.30"), True),
        (1, Side.SELL, Decimal("1.00"), False),
    ]


def test_a_wish_on_the_side_already_held_trades_nothing() -> None:
    assert decide(1.0, held="0.10") is None


def test_a_wish_below_the_smallest_lot_is_a_wish_for_nothing() -> None:
    assert decide(0.001) is None


def test_a_third_of_three_steps_is_a_step() -> None:
    decision = interpret(1 / 3, held=Decimal(0), max_lots=Decimal("0.30"), spec=EURUSD)
    assert decision is not None
    assert decision.legs[0].quantity == Decimal("0.10")


@pytest.mark.parametrize("action", [float("nan"), float("inf"), 1.5, None, "buy", True, [1.0]])
def test_an_unusable_action_is_a_fault_and_no_order(action: object) -> None:
    with pytest.raises(PolicyFault):
        decide(action)


@given(st.floats(-1, 1), st.decimals(-5, 5, places=2))
def test_legs_never_ask_for_more_than_the_agent_may_hold(action: float, held: Decimal) -> None:
    decision = interpret(action, held=held, max_lots=Decimal(1), spec=EURUSD)
    for leg in decision.legs if decision else ():
        assert leg.quantity <= (abs(held) if leg.reduce_only else Decimal(1))
        assert EURUSD.fits_step(leg.quantity)


def test_a_signal_lives_one_bar_or_the_grace_of_a_fast_clock() -> None:
    minute, grace = timedelta(minutes=1), timedelta(seconds=120)
    late = NOON + timedelta(seconds=119)
    assert not has_expired(bar_close_at=NOON, now=late, bar_length=minute, grace=grace)
    assert has_expired(bar_close_at=NOON, now=late, bar_length=minute, grace=timedelta(seconds=2))


def test_a_denied_wish_waits_unless_it_changes_and_a_way_out_waits_less() -> None:
    buy, leave = decide(1.0), decide(0.0, held="0.5")
    assert buy is not None
    assert leave is not None
    assert not may_ask_again(buy, last_target=1.0, bars=3)
    assert may_ask_again(buy, last_target=1.0, bars=15)
    assert may_ask_again(buy, last_target=-1.0, bars=1)
    assert not may_ask_again(leave, last_target=0.0, bars=1)
    assert may_ask_again(leave, last_target=0.0, bars=3)
    assert not may_ask_again(leave, last_target=0.0, bars=14, escalated=True)
    assert may_ask_again(leave, last_target=0.0, bars=15, escalated=True)
