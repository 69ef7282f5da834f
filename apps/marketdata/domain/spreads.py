"""Spreads that are assumed where a file has bid prices alone. Versioned: a changed figure is a new version.

These are round figures near the usual spread of a retail venue, not measurements of the file's own venue;
whatever is built on them says `assumed:v1`.
"""

from decimal import Decimal

VERSION = "v1"
LABEL = f"assumed:{VERSION}"

# In price units.
_V1: dict[str, str] = {
    "EURUSD": "0.00013",
    "GBPUSD": "0.00018",
    "AUDUSD": "0.00016",
    "NZDUSD": "0.00022",
    "USDCAD": "0.00020",
    "USDCHF": "0.00018",
    "USDJPY": "0.014",
    "EURGBP": "0.00016",
    "EURJPY": "0.020",
    "GBPJPY": "0.030",
    "AUDJPY": "0.022",
    "XAUUSD": "0.35",
    "XAGUSD": "0.030",
}
_OTHERWISE = Decimal("0.00015")  # of the price


def assumed_spread(instrument: str, *, price: float, digits: int) -> tuple[float, bool]:
    """Return (spread in price units, whether the table has a row); without one it is 0.015 % of `price`."""
    if instrument in _V1:
        return float(_V1[instrument]), True
    tick = Decimal(1).scaleb(-digits)
    spread = (Decimal(repr(price)) * _OTHERWISE).quantize(tick)
    return float(max(spread, tick)), False
