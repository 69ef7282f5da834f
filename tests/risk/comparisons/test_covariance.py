"""Covariances, correlations and sigma against other libraries, each within 1e-9 of the figure.

Ours have zero mean; EWMA weights are 0.94 to the power of the age, divided by their sum. Where a library
takes the mean off or divides by n - 1, the test puts it back by formula.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
from numpy.testing import assert_allclose

from apps.risk.domain import metrics
from apps.risk.domain.metrics import Covariance, covariance
from tests.risk.comparisons.data import BROKEN, MOVES, WEIGHTS, Array

Theirs = Mapping[str, Array]
NEAR = 1e-9
DAYS = len(MOVES)
MEAN = MOVES.mean(axis=0)
CENTRED = MOVES - MEAN
AGES = 0.94 ** np.arange(DAYS - 1, -1, -1)
SHARES = AGES / AGES.sum()


def sigma(matrix: Array, weights: Array = WEIGHTS) -> float:
    factors = tuple(f"instrument|{place}" for place in range(len(weights)))
    known = Covariance(
        version=1,
        factors=factors,
        matrix=matrix,
        as_of=date(2026, 1, 6),
        valid_until=datetime(2026, 1, 7, tzinfo=UTC),
    )
    return float(metrics.sigma(known, dict(zip(factors, map(Decimal, weights.tolist()), strict=True))))


def test_ewma_as_skfolio_corrects_its_start(theirs: Theirs) -> None:
    """skfolio EWCovariance: zero mean, starts at nought and divides by 1 - 0.94^n: the same finite sum."""
    assert_allclose(covariance.ewma(MOVES), theirs["skfolio.ewma"], rtol=NEAR)


def test_ewma_as_pypfopt_weighs(theirs: Theirs) -> None:
    """PyPortfolioOpt exp_cov: pandas `adjust=True`, span 2/0.06 - 1, of returns less their plain mean."""
    assert_allclose(covariance.ewma(CENTRED), theirs["pypfopt.exp_cov"], rtol=NEAR)


def test_ewma_as_riskfolio_weighs(theirs: Theirs) -> None:
    """riskfolio ewma1: less the weighted mean, unbiased by 1 - sum of squared weights."""
    mean = theirs["riskfolio.ewma1_mean"].ravel()
    around_nought = theirs["riskfolio.ewma1"] * (1 - (SHARES**2).sum()) + np.outer(mean, mean)
    assert_allclose(covariance.ewma(MOVES), around_nought, rtol=NEAR)


def test_ewma_mean_weights_of_riskfolio_are_ours(theirs: Theirs) -> None:
    assert_allclose(SHARES @ MOVES, theirs["riskfolio.ewma1_mean"].ravel(), rtol=NEAR)


def test_variance_as_the_recursion_of_arch(theirs: Theirs) -> None:
    """arch EWMAVariance: s2 = 0.94 s2 + 0.06 r2 from a start of 4e-5, of which 0.94^n is left."""
    left = 0.94**DAYS
    ours = covariance.ewma(MOVES)[0, 0] * (1 - left) + left * 4e-5
    assert_allclose(ours, theirs["arch.ewma"], rtol=NEAR)


def test_tomorrows_variance_as_arch_forecasts_it(theirs: Theirs) -> None:
    """arch ZeroMean with EWMAVariance, in per cent, from the start (backcast) that it chooses itself."""
    left = 0.94**DAYS
    ours = covariance.ewma(MOVES * 100)[0, 0] * (1 - left) + left * theirs["arch.ewma_backcast"]
    assert_allclose(ours, theirs["arch.ewma_forecast"], rtol=NEAR)


def test_equal_weights_as_skfolio_with_zero_mean(theirs: Theirs) -> None:
    """skfolio EmpiricalCovariance: assume_centered, ddof 0."""
    assert_allclose(covariance.equal(MOVES), theirs["skfolio.empirical"], rtol=NEAR)


def test_equal_weights_as_pypfopt_samples(theirs: Theirs) -> None:
    """PyPortfolioOpt sample_cov: less the mean, ddof 1, frequency 1."""
    around_nought = theirs["pypfopt.sample_cov"] * (DAYS - 1) / DAYS + np.outer(MEAN, MEAN)
    assert_allclose(covariance.equal(MOVES), around_nought, rtol=NEAR)


def test_equal_weights_as_riskfolio_samples(theirs: Theirs) -> None:
    """riskfolio `hist`: less the mean, ddof 1."""
    mean = theirs["riskfolio.hist_mean"].ravel()
    around_nought = theirs["riskfolio.hist"] * (DAYS - 1) / DAYS + np.outer(mean, mean)
    assert_allclose(covariance.equal(MOVES), around_nought, rtol=NEAR)


def test_the_mean_of_pypfopt_is_the_one_that_was_taken_off(theirs: Theirs) -> None:
    assert_allclose(MEAN, theirs["pypfopt.mean"], rtol=NEAR)


def test_one_variance_as_talib_counts_it(theirs: Theirs) -> None:
    """TA-Lib VAR over all days, in per cent: less the mean, ddof 0."""
    ours = covariance.equal(MOVES * 100)[0, 0] - (MEAN[0] * 100) ** 2
    assert_allclose(ours, theirs["talib.var"], rtol=NEAR)


def test_one_deviation_as_talib_counts_it(theirs: Theirs) -> None:
    """TA-Lib STDDEV over all days, in per cent, ddof 0, with the mean from its SMA."""
    ours = covariance.equal(MOVES * 100)[0, 0] - theirs["talib.sma"] ** 2
    assert_allclose(np.sqrt(ours), theirs["talib.stddev"], rtol=NEAR)


def test_correlations_as_pypfopt_divides(theirs: Theirs) -> None:
    """PyPortfolioOpt cov_to_corr of the covariance around the mean."""
    ours = covariance.correlation(covariance.equal(CENTRED))
    assert_allclose(ours, theirs["pypfopt.cov_to_corr"], rtol=NEAR)


def test_correlations_as_skfolio_measures(theirs: Theirs) -> None:
    """skfolio measures.correlation: around the mean; ddof cancels."""
    assert_allclose(
        covariance.correlation(covariance.equal(CENTRED)), theirs["skfolio.correlation"], rtol=NEAR
    )


def test_correlations_around_nought_as_skfolio_divides(theirs: Theirs) -> None:
    """skfolio cov_to_corr of the plain sum of products."""
    assert_allclose(covariance.correlation(covariance.equal(MOVES)), theirs["skfolio.cov_to_corr"], rtol=NEAR)


def test_one_correlation_as_talib_counts_it(theirs: Theirs) -> None:
    """TA-Lib CORREL over all days: around the mean."""
    ours = covariance.correlation(covariance.equal(CENTRED))[0, 1]
    assert_allclose(ours, theirs["talib.correl"], rtol=NEAR)


def test_a_repair_as_riskfolio_clips(theirs: Theirs) -> None:
    """riskfolio cov_fix (clipped) with our floor of 1e-10 of the largest eigenvalue, then unit variances."""
    assert_allclose(covariance.repaired(BROKEN)[0], theirs["riskfolio.cov_fix"], atol=NEAR)


def test_a_repair_as_skfolio_clips(theirs: Theirs) -> None:
    """skfolio cov_nearest: its floor is lower, both are below 1e-9 of a unit variance."""
    assert_allclose(covariance.repaired(BROKEN)[0], theirs["skfolio.cov_nearest"], atol=NEAR)


def test_a_repair_as_pypfopt_cuts(theirs: Theirs) -> None:
    """PyPortfolioOpt `spectral`: negative eigenvalues to nought, the diagonal left as it comes."""
    assert_allclose(covariance.repaired(BROKEN)[0], theirs["pypfopt.spectral"], atol=NEAR)


def test_sigma_as_the_variance_of_pypfopt(theirs: Theirs) -> None:
    """PyPortfolioOpt portfolio_variance: w'Sw, with money for weights."""
    assert_allclose(sigma(covariance.ewma(MOVES)) ** 2, theirs["pypfopt.variance"], rtol=NEAR)


def test_sigma_as_the_deviation_of_riskfolio(theirs: Theirs) -> None:
    """riskfolio Sharpe_Risk `MV`: the root of w'Sw."""
    assert_allclose(sigma(covariance.ewma(MOVES)), theirs["riskfolio.deviation"], rtol=NEAR)


def test_sigma_as_the_days_of_a_portfolio_of_skfolio(theirs: Theirs) -> None:
    """skfolio Portfolio.standard_deviation: of what the portfolio made each day, ddof 1, around the mean."""
    around_mean = sigma(covariance.equal(MOVES)) ** 2 - theirs["skfolio.mean"] ** 2
    assert_allclose(np.sqrt(around_mean * DAYS / (DAYS - 1)), theirs["skfolio.deviation"], rtol=NEAR)
