"""Bars and trades that sizing is compared on: made up from a seed."""

from typing import Any

import numpy as np

from tests.risk.comparisons.data import Array

SEED = 20260109
HOURS_A_YEAR = 260 * 24

_rng = np.random.default_rng(SEED)
CLOSE: Array = 1.1 * np.exp(np.cumsum(_rng.normal(0, 0.0012, 241)))
_reach = np.abs(_rng.normal(0, 0.0009, (2, 241)))
# A close may lie outside the bar before: true ranges are then wider than bars.
HIGH: Array = CLOSE * (1 + _reach[0])
LOW: Array = CLOSE * (1 - _reach[1])
# Returns on notional of 30, 117 and 250 trades with an edge, as text: sizing counts them in Decimal.
TRADES: dict[int, list[str]] = {
    count: [f"{value:.8f}" for value in _rng.standard_t(6, count) * 0.004 + 0.0012]
    for count in (30, 117, 250)
}
# Share of trades won, and mean win over mean loss.
BETS: list[tuple[str, str]] = [
    ("0.5", "1.5"),
    ("0.6", "1"),
    ("0.35", "2.4"),
    ("0.9", "0.2"),
    ("0.52", "1.01"),
]


def inputs() -> dict[str, Any]:
    """Return everything as JSON takes it."""
    return {
        "high": HIGH.tolist(),
        "low": LOW.tolist(),
        "close": CLOSE.tolist(),
        "trades": {str(count): [float(gain) for gain in gains] for count, gains in TRADES.items()},
        "bets": [[float(won), float(odds)] for won, odds in BETS],
        "periods": HOURS_A_YEAR,
    }
