"""Figures of other libraries, as JSON: run by the Python of an environment that holds them, not the desk's.

Reads `inputs` from standard input (see `data.py`) and writes one figure or array for each name below. Each
call is the plainest one of its library; what its convention differs in is undone in the test, by formula.
"""
# mypy: ignore-errors

import json
import sys
import warnings
from typing import Any

import empyrical
import numpy as np
import pandas as pd
import riskfolio
import talib
from arch.univariate import EWMAVariance, Normal, ZeroMean
from pypfopt import expected_returns, objective_functions, risk_models
from skfolio import Portfolio, measures
from skfolio.moments import EmpiricalCovariance, EWCovariance
from skfolio.preprocessing import prices_to_returns
from skfolio.utils import stats

Rows = list[Any]
Figures = dict[str, Any]
LAMBDA = 0.94
TAIL = 0.01


def moments(moves: Rows) -> Figures:
    frame = pd.DataFrame(moves)
    centred = frame - frame.mean()
    half_life = float(np.log(0.5) / np.log(LAMBDA))
    ewma, empirical = EWCovariance(half_life=half_life, nearest=False), EmpiricalCovariance
    return {
        "skfolio.ewma": ewma.fit(frame).covariance_,
        "pypfopt.exp_cov": risk_models.exp_cov(
            centred, returns_data=True, span=2 / (1 - LAMBDA) - 1, frequency=1
        ),
        "riskfolio.ewma1": riskfolio.ParamsEstimation.covar_matrix(frame, method="ewma1", d=LAMBDA),
        "riskfolio.ewma1_mean": riskfolio.ParamsEstimation.mean_vector(frame, method="ewma1", d=LAMBDA),
        "pypfopt.sample_cov": risk_models.sample_cov(frame, returns_data=True, frequency=1),
        "pypfopt.mean": expected_returns.mean_historical_return(
            frame, returns_data=True, compounding=False, frequency=1
        ),
        "riskfolio.hist": riskfolio.ParamsEstimation.covar_matrix(frame, method="hist"),
        "riskfolio.hist_mean": riskfolio.ParamsEstimation.mean_vector(frame, method="hist"),
        "skfolio.empirical": empirical(ddof=0, assume_centered=True, nearest=False).fit(frame).covariance_,
        "pypfopt.cov_to_corr": risk_models.cov_to_corr(centred.T @ centred / len(centred)),
        "skfolio.correlation": measures.correlation(np.asarray(moves)),
        "skfolio.cov_to_corr": stats.cov_to_corr(np.asarray(moves).T @ np.asarray(moves))[0],
    }


def single(moves: Rows) -> Figures:
    """TA-Lib counts over a window with the mean taken off and divides by its length (ddof 0)."""
    one, two = (np.ascontiguousarray(np.asarray(moves)[:, place]) for place in (0, 1))
    count = len(one)
    lasting = np.append(one, 0.0)  # a variance stands for the day after its returns
    sigma2 = np.zeros(count + 1)
    bounds = np.tile([0.0, 1e9], (count + 1, 1))
    EWMAVariance(LAMBDA).compute_variance(np.array([]), lasting, sigma2, 4e-5, bounds)
    forecast = ZeroMean(one * 100, volatility=EWMAVariance(LAMBDA), rescale=False).fit(disp="off")
    return {
        "talib.var": talib.VAR(one * 100, count)[-1],
        "talib.stddev": talib.STDDEV(one * 100, count)[-1],
        "talib.sma": talib.SMA(one * 100, count)[-1],
        "talib.correl": talib.CORREL(one, two, count)[-1],
        "arch.ewma": sigma2[-1],
        "arch.ewma_forecast": forecast.forecast(horizon=1).variance.iloc[-1, 0],
        "arch.ewma_backcast": EWMAVariance(LAMBDA).backcast(one * 100),
    }


def sums(moves: Rows, weights: Rows, matrix: Rows) -> Figures:
    frame, x, cov = pd.DataFrame(moves), np.asarray(weights), np.asarray(matrix)
    share = x / x.sum()
    portfolio = Portfolio(X=frame, weights=share)
    return {
        "pypfopt.variance": objective_functions.portfolio_variance(x, cov),
        "riskfolio.deviation": riskfolio.RiskFunctions.Sharpe_Risk(
            frame, w=x.reshape(-1, 1), cov=pd.DataFrame(cov), rm="MV"
        ),
        "skfolio.deviation": portfolio.standard_deviation * x.sum(),
        "skfolio.mean": portfolio.mean * x.sum(),
    }


def tails(gains: Rows) -> Figures:
    values = np.asarray(gains)
    functions = riskfolio.RiskFunctions
    return {
        "riskfolio.var": functions.VaR_Hist(values, alpha=TAIL),
        "riskfolio.cvar": functions.CVaR_Hist(values, alpha=TAIL),
        "riskfolio.worst": functions.WR(values),
        "skfolio.var": measures.value_at_risk(values, beta=1 - TAIL),
        "skfolio.cvar": measures.cvar(values, beta=1 - TAIL),
        "skfolio.worst": measures.worst_realization(values),
        "empyrical.var": empyrical.value_at_risk(values, cutoff=TAIL),
        "empyrical.cvar": empyrical.conditional_value_at_risk(values, cutoff=TAIL),
    }


def repairs(broken: Rows) -> Figures:
    matrix = np.asarray(broken)
    fixed = riskfolio.AuxFunctions.cov_fix(
        matrix, method="clipped", threshold=1e-10 * np.linalg.eigvalsh(matrix)[-1]
    )
    return {
        "riskfolio.cov_fix": fixed,
        "skfolio.cov_nearest": stats.cov_nearest(matrix),
        "pypfopt.spectral": risk_models.fix_nonpositive_semidefinite(pd.DataFrame(matrix)),
    }


def curves(equity: Rows) -> Figures:
    changes = pd.Series(equity).pct_change().dropna().to_numpy()
    drawdowns = measures.get_drawdowns(changes, compounded=True)
    return {
        "empyrical.max_drawdown": empyrical.max_drawdown(changes),
        "riskfolio.max_drawdown": riskfolio.RiskFunctions.MDD_Rel(changes),
        "skfolio.max_drawdown": measures.max_drawdown(drawdowns),
        "skfolio.last_drawdown": drawdowns[-1],
        "empyrical.sharpe": empyrical.sharpe_ratio(changes, annualization=252),
        "skfolio.sharpe": measures.mean(changes) / measures.standard_deviation(changes),
        "empyrical.returns": empyrical.simple_returns(pd.Series(equity)).to_numpy(),
        "talib.roc": talib.ROCP(np.asarray(equity), 1)[1:],
    }


def prices(closes: Rows) -> Figures:
    frame = pd.DataFrame(closes, index=pd.date_range("2025-01-06", periods=len(closes), freq="B"))
    return {
        "pypfopt.log_returns": expected_returns.returns_from_prices(frame, log_returns=True),
        "skfolio.log_returns": prices_to_returns(frame, log_returns=True),
    }


def normal() -> Figures:
    found = Normal()
    quantile = found.ppf(TAIL)
    moment = found.partial_moment(1, float(quantile))
    return {"arch.quantile": quantile, "arch.tail_mean": moment / TAIL}


def main() -> None:
    warnings.simplefilter("ignore")
    given = json.load(sys.stdin)
    found = moments(given["moves"]) | single(given["moves"]) | normal()
    found |= sums(given["moves"], given["weights"], given["matrix"]) | repairs(given["broken"])
    found |= curves(given["equity"]) | prices(given["closes"])
    found |= {
        f"{name} {days}": value
        for days, gains in given["gains"].items()
        for name, value in tails(gains).items()
    }
    json.dump({name: as_json(value) for name, value in found.items()}, sys.stdout)


def as_json(value: Any) -> Any:
    return np.asarray(value, dtype=float).tolist()


if __name__ == "__main__":
    main()
