"""Value at risk, shortfall, drawdown and returns against other libraries, each within 1e-9 of the figure.

Ours at 99 %: the quantile rule is `inverted_cdf` of losses (the smallest loss that at least 99 % of days do
not exceed), the shortfall is the mean of losses at or beyond it.
"""

import math
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from numpy.testing import assert_allclose

from apps.marketdata.domain.sessions import SessionRule
from apps.portfolio.domain import performance
from apps.risk.domain.metrics import returns, tail
from apps.risk.domain.metrics.sigma import NORMAL_ES, NORMAL_VAR
from tests.risk.comparisons.data import CLOSES, EQUITY, GAINS, Array

Theirs = Mapping[str, Array]
NEAR = 1e-9
CURVE = [Decimal(repr(float(value))) for value in EQUITY]


@pytest.mark.parametrize("days", [60, 137, 301, 401, 450, 500])
def test_var_as_skfolio(theirs: Theirs, days: int) -> None:
    """skfolio value_at_risk: the smallest loss with F(loss) >= 0.99, so of 500 days the sixth largest."""
    assert_allclose(tail.historical_var(-GAINS[days]), theirs[f"skfolio.var {days}"], rtol=NEAR)


@pytest.mark.parametrize("days", [60, 137, 301, 401, 450])
def test_var_as_riskfolio(theirs: Theirs, days: int) -> None:
    """riskfolio VaR_Hist: the loss of rank ceil(n/100) from the top. Equal where n/100 is not whole."""
    assert_allclose(tail.historical_var(-GAINS[days]), theirs[f"riskfolio.var {days}"], rtol=NEAR)


def test_var_of_riskfolio_on_whole_hundreds_is_the_next_worse_loss(theirs: Theirs) -> None:
    """Of 500 days riskfolio takes the fifth largest loss, `inverted_cdf` the sixth: the one below it."""
    worse = np.sort(-GAINS[500])[-5]
    assert_allclose(worse, theirs["riskfolio.var 500"], rtol=NEAR)
    assert tail.historical_var(-GAINS[500]) == np.sort(-GAINS[500])[-6]


@pytest.mark.parametrize("days", [301, 401])
def test_var_as_empyrical(theirs: Theirs, days: int) -> None:
    """empyrical value_at_risk: a linear percentile of gains; with 100 k + 1 days it falls on a day, ours."""
    assert_allclose(tail.historical_var(-GAINS[days]), -theirs[f"empyrical.var {days}"], rtol=NEAR)


@pytest.mark.parametrize("days", [301, 401, 450])
def test_shortfall_as_empyrical(theirs: Theirs, days: int) -> None:
    """empyrical conditional_value_at_risk: the mean of the int((n - 1)/100) + 1 worst days, ours here."""
    assert_allclose(tail.historical_es(-GAINS[days]), -theirs[f"empyrical.cvar {days}"], rtol=NEAR)


@pytest.mark.parametrize("days", [60, 137, 301, 401, 450])
@pytest.mark.parametrize("library", ["riskfolio", "skfolio"])
def test_shortfall_as_a_part_of_a_day_is_counted(theirs: Theirs, days: int, library: str) -> None:
    """riskfolio CVaR_Hist, skfolio cvar: VaR + sum of what is beyond / (n/100), a part of a day included.

    The same excess over the k losses at or beyond VaR gives ours.
    """
    lost = -GAINS[days]
    var, beyond = tail.historical_var(lost), int((lost >= tail.historical_var(lost)).sum())
    ours = var + (theirs[f"{library}.cvar {days}"] - var) * (days / 100) / beyond
    assert_allclose(tail.historical_es(lost), ours, rtol=NEAR)


@pytest.mark.parametrize("library", ["riskfolio", "skfolio"])
def test_shortfall_of_whole_hundreds(theirs: Theirs, library: str) -> None:
    """Of 500 days both average the five worst; ours averages six, the quantile being the sixth."""
    lost = -GAINS[500]
    ours = (5 * theirs[f"{library}.cvar 500"] + tail.historical_var(lost)) / 6
    assert_allclose(tail.historical_es(lost), ours, rtol=NEAR)


@pytest.mark.parametrize("library", ["riskfolio", "skfolio"])
def test_under_a_hundred_days_the_quantile_is_the_worst_day(theirs: Theirs, library: str) -> None:
    assert_allclose(tail.historical_var(-GAINS[60]), theirs[f"{library}.worst 60"], rtol=NEAR)
    assert_allclose(tail.historical_es(-GAINS[60]), theirs[f"{library}.worst 60"], rtol=NEAR)


def test_the_quantile_of_the_normal_distribution_as_arch(theirs: Theirs) -> None:
    assert_allclose(float(NORMAL_VAR), -theirs["arch.quantile"], rtol=NEAR)


def test_the_normal_shortfall_as_arch(theirs: Theirs) -> None:
    """arch partial_moment of order 1 up to the quantile, over its probability."""
    assert_allclose(float(NORMAL_ES), -theirs["arch.tail_mean"], rtol=NEAR)


@pytest.mark.parametrize("library", ["empyrical", "riskfolio", "skfolio"])
def test_the_largest_drawdown(theirs: Theirs, library: str) -> None:
    """All compound returns from a wealth of 1 on; empyrical writes it as a negative share."""
    ours = float(performance.max_drawdown(CURVE))
    assert_allclose(ours, abs(theirs[f"{library}.max_drawdown"]), rtol=NEAR)


def test_the_drawdown_now_as_skfolio(theirs: Theirs) -> None:
    """skfolio get_drawdowns, compounded: value over peak less one."""
    assert_allclose(float(performance.drawdown(CURVE)), -theirs["skfolio.last_drawdown"], rtol=NEAR)


def test_plain_returns_as_empyrical_and_talib(theirs: Theirs) -> None:
    """empyrical simple_returns, TA-Lib ROCP over one period."""
    assert_allclose(performance.returns(CURVE), theirs["empyrical.returns"], rtol=NEAR, atol=1e-15)
    assert_allclose(performance.returns(CURVE), theirs["talib.roc"], rtol=NEAR, atol=1e-15)


def test_the_sharpe_ratio_as_empyrical(theirs: Theirs) -> None:
    """empyrical sharpe_ratio: no riskless rate, ddof 1, times the root of 252."""
    ours = performance.sharpe(performance.returns(CURVE), periods_per_year=252)
    assert_allclose(ours or math.nan, theirs["empyrical.sharpe"], rtol=NEAR)


def test_the_sharpe_ratio_of_a_day_as_skfolio(theirs: Theirs) -> None:
    """skfolio mean over standard_deviation: ddof 1, not annualised."""
    ours = performance.sharpe(performance.returns(CURVE), periods_per_year=1)
    assert_allclose(ours or math.nan, theirs["skfolio.sharpe"], rtol=NEAR)


@pytest.mark.parametrize("library", ["pypfopt", "skfolio"])
def test_daily_log_returns(theirs: Theirs, library: str) -> None:
    """PyPortfolioOpt returns_from_prices, skfolio prices_to_returns, both with log_returns."""
    first = date(2025, 1, 6)
    weekdays = [day for ahead in range(200) if (day := first + timedelta(days=ahead)).weekday() < 5]
    logs = {
        f"instrument|{place}": dict(zip(weekdays, np.log(CLOSES[:, place]), strict=False))
        for place in range(3)
    }
    ours = returns.common(logs, [SessionRule.FX]).values
    assert_allclose(ours, theirs[f"{library}.log_returns"], rtol=NEAR, atol=1e-15)
