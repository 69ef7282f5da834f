"""Figures of other libraries on the data of `sizing_data.py`, as JSON; asked as `peers.py` is."""
# mypy: ignore-errors

import json
import math
import sys
import warnings
from typing import Any

import empyrical
import numpy as np
import pandas as pd
import talib
from pypfopt import expected_returns, risk_models
from scipy.optimize import brentq
from skfolio import measures

Figures = dict[str, Any]


def ranges(high: list[float], low: list[float], close: list[float], periods: int) -> Figures:
    bars = [np.asarray(side) for side in (high, low, close)]
    moves = np.diff(np.log(bars[2]))
    return {
        "talib.atr": talib.ATR(*bars, timeperiod=14)[14:],
        "talib.atr 5": talib.ATR(*bars, timeperiod=5)[5:],
        "talib.trange": talib.TRANGE(*bars)[1:],
        "empyrical.volatility": empyrical.annual_volatility(moves, annualization=periods),
        "skfolio.volatility": measures.standard_deviation(moves) * math.sqrt(periods),
    }


def continuous(gains: list[float]) -> Figures:
    """Mean over variance of the same returns, by what each library makes of them."""
    frame = pd.DataFrame({"policy": gains})
    mean = expected_returns.mean_historical_return(frame, returns_data=True, compounding=False, frequency=1)
    variance = risk_models.sample_cov(frame, returns_data=True, frequency=1)
    sharpe = empyrical.sharpe_ratio(np.asarray(gains), annualization=1)
    return {
        "pypfopt.kelly": mean.iloc[0] / variance.iloc[0, 0],
        "skfolio.kelly": measures.mean(np.asarray(gains)) / measures.variance(np.asarray(gains)),
        "empyrical.kelly": sharpe**2 / np.mean(gains),
        "numpy.discrete": growth_optimal(*_odds(np.asarray(gains))),
    }


def _odds(gains: np.ndarray) -> tuple[float, float]:
    won, lost = gains[gains > 0], gains[gains <= 0]
    return len(won) / len(gains), float(won.mean() / -lost.mean())


def growth_optimal(won: float, odds: float) -> float:
    """Where the expected log growth of staking a share f at `odds` to 1 stops rising, by bisection."""

    def slope(share: float) -> float:
        return won * odds / (1 + odds * share) - (1 - won) / (1 - share)

    return float(brentq(slope, -0.9 / odds, 1 - 1e-12, xtol=1e-15, rtol=1e-14))


def main() -> None:
    warnings.simplefilter("ignore")
    given = json.load(sys.stdin)
    found = ranges(given["high"], given["low"], given["close"], given["periods"])
    for count, gains in given["trades"].items():
        found |= {f"{name} {count}": value for name, value in continuous(gains).items()}
    for place, bet in enumerate(given["bets"]):
        found[f"scipy.bet {place}"] = growth_optimal(*bet)
    json.dump({name: np.asarray(value, dtype=float).tolist() for name, value in found.items()}, sys.stdout)


if __name__ == "__main__":
    main()
