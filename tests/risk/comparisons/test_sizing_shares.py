"""Kelly shares, true ranges and volatility against other libraries, each within 1e-9 of the figure.

Continuous: mean / variance with ddof 1. Discrete: p - (1 - p) / (mean win / mean loss), which is where the
expected log growth of such a bet is highest. A range's first average is the plain mean of 14.
"""

from collections.abc import Mapping
from decimal import Decimal

import pytest
from numpy.testing import assert_allclose

from apps.marketdata.domain.indicators.volatility import true_range
from apps.risk.domain.sizing import (
    KellyKind,
    TradeStatistics,
    kelly_share,
    scaled_deviation,
    statistics,
    wilder_range,
)
from tests.risk.comparisons.data import Array
from tests.risk.comparisons.sizing_data import BETS, CLOSE, HIGH, HOURS_A_YEAR, LOW, TRADES

Theirs = Mapping[str, Array]
NEAR = 1e-9


def share(count: int, kind: KellyKind) -> float:
    found = statistics([Decimal(gain) for gain in TRADES[count]], is_paper=True)
    return float(kelly_share(found, kind))


@pytest.mark.parametrize(("rows", "name"), [(14, "talib.atr"), (5, "talib.atr 5")])
def test_the_average_range_as_talib(their_sizes: Theirs, rows: int, name: str) -> None:
    """TA-Lib ATR: Wilder's smoothing, begun with the plain mean; every bar, not only the last."""
    assert_allclose(wilder_range(HIGH, LOW, CLOSE, rows)[rows:], their_sizes[name], rtol=NEAR)


def test_the_true_range_as_talib(their_sizes: Theirs) -> None:
    assert_allclose(true_range(HIGH, LOW, CLOSE)[1:], their_sizes["talib.trange"], rtol=NEAR)


@pytest.mark.parametrize("library", ["empyrical", "skfolio"])
def test_the_yearly_volatility_as_others(their_sizes: Theirs, library: str) -> None:
    """Both take ddof 1 and the square root of the periods of a year."""
    found = scaled_deviation(CLOSE, HOURS_A_YEAR)
    assert_allclose(found, their_sizes[f"{library}.volatility"], rtol=NEAR)


@pytest.mark.parametrize("count", TRADES)
@pytest.mark.parametrize("library", ["pypfopt", "skfolio", "empyrical"])
def test_the_continuous_share_as_others(their_sizes: Theirs, library: str, count: int) -> None:
    """PyPortfolioOpt and skfolio by mean and variance, empyrical by its Sharpe ratio and the mean."""
    assert_allclose(share(count, KellyKind.CONTINUOUS), their_sizes[f"{library}.kelly {count}"], rtol=NEAR)


@pytest.mark.parametrize("count", TRADES)
def test_the_discrete_share_of_trades_grows_most(their_sizes: Theirs, count: int) -> None:
    """numpy counts the wins, scipy looks for the share at which log growth stops rising."""
    assert_allclose(share(count, KellyKind.DISCRETE), their_sizes[f"numpy.discrete {count}"], rtol=NEAR)


@pytest.mark.parametrize("place", range(len(BETS)))
def test_the_discrete_share_of_a_bet_grows_most(their_sizes: Theirs, place: int) -> None:
    won, odds = map(Decimal, BETS[place])
    bet = TradeStatistics(
        count=100,
        wins=int(won * 100),
        mean_win=odds,
        mean_loss=Decimal(1),
        mean=Decimal(0),
        variance=None,
        is_paper=True,
    )
    assert_allclose(
        float(kelly_share(bet, KellyKind.DISCRETE)), their_sizes[f"scipy.bet {place}"], rtol=NEAR, atol=1e-12
    )
