from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.risk.domain.breaker import Assessment, Bases, BreakerLevel, LossBase, Threshold, assess
from apps.risk.domain.limits import Limit, Metric, Unit, loss_thresholds

NORMAL, WARNING, REDUCING, HALTED = BreakerLevel
DAY = date(2026, 1, 5)
STANDARD = loss_thresholds((), "account:paper-1")
START = Bases.at(Decimal(100_000), flows=Decimal(0), day=DAY)
LEVELS = st.sampled_from(BreakerLevel)
MONEY = st.decimals(min_value=-50_000, max_value=300_000, places=2)


def at(
    equity: str | Decimal,
    level: BreakerLevel = NORMAL,
    bases: Bases = START,
    *,
    good: bool = True,
    **changes: object,
) -> Assessment:
    usual = {"flows": bases.flows, "day": DAY, "thresholds": STANDARD} | changes
    return assess(level, equity=Decimal(equity), bases=bases, marks_good=good, **usual)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("equity", "level"),
    [
        ("95000.01", NORMAL),
        ("95000", WARNING),  # equal to a threshold trips it
        ("90000.01", WARNING),
        ("90000", REDUCING),
        ("85000.01", REDUCING),
        ("85000", HALTED),
        ("-5000", HALTED),
    ],
)
def test_a_loss_jumps_straight_to_its_level(equity: str, level: BreakerLevel) -> None:
    assert at(equity).level is level


@pytest.mark.parametrize(
    ("level", "equity", "then"),
    [
        (WARNING, "95500", WARNING),  # 4.5 % is below the threshold, but not yet recovered
        (WARNING, "96000", WARNING),
        (WARNING, "96000.01", NORMAL),
        (REDUCING, "91500", REDUCING),
        (REDUCING, "92500", WARNING),
        (REDUCING, "99000", NORMAL),
        (HALTED, "100000", HALTED),
    ],
)
def test_a_level_lowers_itself_only_once_the_loss_has_recovered(
    level: BreakerLevel, equity: str, then: BreakerLevel
) -> None:
    assert at(equity, level).level is then


@given(level=LEVELS, equity=MONEY)
def test_marks_that_are_not_good_never_lower_a_level(level: BreakerLevel, equity: Decimal) -> None:
    assert at(equity, level, good=False).level >= level


@given(equity=MONEY)
def test_halted_is_never_left_by_itself(equity: Decimal) -> None:
    assert at(equity, HALTED).level is HALTED


@given(level=LEVELS, equity=MONEY)
def test_the_level_is_never_below_what_the_loss_asks_for(level: BreakerLevel, equity: Decimal) -> None:
    assert at(equity, level).level >= at(equity).level


def test_a_new_peak_raises_the_base_and_bad_marks_do_not() -> None:
    assert at("110000").bases.high_water_mark == 110_000
    assert at("110000", good=False).bases.high_water_mark == 100_000


@given(flow=st.decimals(min_value=-80_000, max_value=1_000_000, places=2))
def test_a_cash_flow_neither_resets_nor_trips_the_breaker(flow: Decimal) -> None:
    before = at("89000")
    after = at(Decimal(89_000) + flow, before.level, before.bases, flows=flow)
    assert after.level is REDUCING
    assert abs(after.drawdown - before.drawdown) < Decimal("1e-9")


def test_the_first_deposit_is_the_start_and_no_gain() -> None:
    empty = Bases.at(Decimal(0), flows=Decimal(0), day=DAY)
    assert at("0", bases=empty).level is NORMAL
    funded = at("100000", bases=empty, flows=Decimal(100_000))
    assert funded.level is NORMAL
    assert funded.bases.high_water_mark == funded.bases.initial == 100_000


def test_a_threshold_counts_from_its_own_base() -> None:
    daily = (Threshold(level=HALTED, share=Decimal("0.03"), base=LossBase.DAY_START),)
    bases = at("110000").bases  # the day still began at 100,000
    assert at("97100", bases=bases, thresholds=daily).level is NORMAL
    assert at("97000", bases=bases, thresholds=daily).level is HALTED
    tomorrow = at("97100", bases=bases, thresholds=daily, day=date(2026, 1, 6))
    assert tomorrow.bases.day_start == 97_100


def test_rows_replace_the_default_thresholds_level_by_level() -> None:
    row = Limit(scope="account:*", metric=Metric.LOSS_HALTED, soft=None, hard=Decimal("0.2"), unit=Unit.SHARE)
    levels = {t.level: t.share for t in loss_thresholds([row], "account:paper-1")}
    assert levels == {WARNING: Decimal("0.05"), REDUCING: Decimal("0.10"), HALTED: Decimal("0.2")}
