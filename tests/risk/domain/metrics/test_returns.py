from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from apps.marketdata.domain.sessions import SessionRule
from apps.risk.domain.metrics import returns
from apps.risk.domain.metrics.validity import valid_until
from apps.risk.errors import NoCovariance
from tests.risk.cast import EURGBP, EURUSD, USDJPY, spec

FX = [SessionRule.FX]
SPECS = {known.name: known for known in (EURUSD, USDJPY, EURGBP)}
FIRST = date(2025, 9, 1)  # a Monday


def weekdays(count: int) -> list[date]:
    days = (FIRST + timedelta(days=ahead) for ahead in range(2 * count))
    return [day for day in days if day.weekday() < 5][:count]


def closes(count: int = 80, seed: int = 1) -> dict[date, float]:
    moves = np.random.default_rng(seed).standard_normal(count) * 0.005
    return dict(zip(weekdays(count), 1.2 * np.exp(np.cumsum(moves)), strict=True))


def test_a_currency_is_priced_directly_or_inversely_in_the_base_currency() -> None:
    found = returns.series({"EURUSD": {FIRST: 1.25}, "USDJPY": {FIRST: 160.0}}, SPECS, "USD")
    assert found == {"currency|EUR": {FIRST: np.log(1.25)}, "currency|JPY": {FIRST: -np.log(160.0)}}


def test_another_base_currency_is_reached_by_one_cross_through_usd() -> None:
    found = returns.series({"EURUSD": {FIRST: 1.25}, "USDJPY": {FIRST: 160.0}}, SPECS, "EUR")
    assert found["currency|JPY"][FIRST] == pytest.approx(-np.log(200.0))


def test_a_currency_without_a_rate_is_no_factor() -> None:
    found = returns.series({"EURUSD": {FIRST: 1.25}, "EURGBP": {FIRST: 0.85}}, SPECS, "USD")
    assert list(found) == ["currency|EUR"]


def test_an_index_is_a_factor_of_its_own() -> None:
    index = spec("US500", base_currency="USD", quote_currency="USD")
    assert list(returns.series({"US500": {FIRST: 6000.0}}, {"US500": index}, "USD")) == ["instrument|US500"]


def test_every_factor_that_a_position_could_meet_is_wanted() -> None:
    index = spec("GER40", base_currency="EUR", quote_currency="EUR")
    known = SPECS | {"GER40": index}
    assert returns.wanted(["GER40", "USDJPY"], known, "USD") == {
        "instrument|GER40",
        "currency|EUR",
        "currency|JPY",
    }


def test_a_price_that_is_not_positive_is_a_gap() -> None:
    assert returns.series({"EURUSD": {FIRST: -1.0}}, SPECS, "USD") == {}


def test_a_missing_close_leaves_out_both_of_its_returns_for_all() -> None:
    whole, holed = closes(seed=1), closes(seed=2)
    gap = weekdays(80)[40]
    del holed[gap]
    found = returns.common({"a": whole, "b": holed}, FX)
    assert len(found.days) == 77
    assert gap not in found.days
    assert gap + timedelta(days=1) not in found.days


def test_weekends_are_no_gaps_for_a_market_that_never_closes() -> None:
    always = {FIRST + timedelta(days=ahead): 1.0 for ahead in range((weekdays(80)[-1] - FIRST).days + 1)}
    found = returns.common({"a": closes(), "b": always}, FX)
    assert len(found.days) == 79


def test_under_sixty_common_days_there_is_no_covariance() -> None:
    assert len(returns.common({"a": closes(61)}, FX).days) == 60
    with pytest.raises(NoCovariance):
        returns.common({"a": closes(60)}, FX)


def test_a_young_or_ended_price_is_left_out_alone() -> None:
    days = weekdays(80)
    young, ended = dict.fromkeys(days[-30:], 1.0), dict.fromkeys(days[:-1], 1.0)
    assert returns.common({"a": closes(), "young": young, "ended": ended}, FX).factors == ("a",)


def test_at_most_five_hundred_days_are_kept() -> None:
    assert len(returns.common({"a": closes(700)}, FX).days) == 500


@pytest.mark.parametrize(
    ("opened", "day"),
    [
        (datetime(2026, 1, 4, 22, tzinfo=UTC), date(2026, 1, 5)),  # Sunday 17:00 New York
        (datetime(2026, 7, 2, 21, tzinfo=UTC), date(2026, 7, 3)),  # Thursday 17:00, in summer
        (datetime(2026, 7, 2, 20, 59, tzinfo=UTC), date(2026, 7, 2)),
    ],
)
def test_a_bar_belongs_to_the_day_on_which_it_ends(opened: datetime, day: date) -> None:
    assert returns.day_of(opened) == day


def test_over_a_weekend_friday_stays_the_newest_day() -> None:
    monday_noon = datetime(2026, 1, 5, 17, tzinfo=UTC)
    assert returns.last_day(monday_noon, FX) == date(2026, 1, 2)


@pytest.mark.parametrize(
    ("as_of", "until"),
    [
        (date(2026, 1, 6), datetime(2026, 1, 7, 23, tzinfo=UTC)),
        (date(2026, 1, 2), datetime(2026, 1, 5, 23, tzinfo=UTC)),  # Friday: the next close is Monday's
        (date(2026, 1, 1), datetime(2026, 1, 4, 23, tzinfo=UTC)),  # Thursday: the hour begins on Sunday
        (date(2026, 3, 6), datetime(2026, 3, 9, 22, tzinfo=UTC)),  # summer time began on Sunday
    ],
)
def test_a_covariance_is_good_for_an_hour_of_session_after_the_next_close(
    as_of: date, until: datetime
) -> None:
    assert valid_until(as_of, FX) == until
    assert valid_until(as_of, [SessionRule.FX, SessionRule.METAL]) == until
