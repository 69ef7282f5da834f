"""Daily bars from before the minutes begin: a venue keeps those of years, minutes of a month.

They are made up backwards from the first price, so that nothing of what comes after depends on them.
"""

import zlib

import numpy as np

from apps.brokers.simulators.market.ticks import Days

OLDER_DAYS = 520
_SALT = 0xDA1  # apart from the generators of days
_TRADING_DAYS_A_YEAR = 260
_WICK = 0.35  # of a day's deviation, beyond open and close


def made_up(
    name: str, *, seed: int, before: int, last: float, yearly: float, dollar: float, spread: int
) -> Days:
    """Return weekdays before the day `before`, whose last close is `last`, all prices in points.

    `dollar` is the share of the move that all instruments have in common.
    """
    days = np.arange(before - OLDER_DAYS * 2, before, dtype=np.int64)
    days = days[(days + 3) % 7 < 5][-OLDER_DAYS:]  # day 0 was a Thursday
    rng = np.random.default_rng([seed, zlib.crc32(name.encode()), _SALT])
    common = np.random.default_rng([seed, _SALT]).standard_normal(days.size)
    own, deviation = rng.standard_normal(days.size), yearly / _TRADING_DAYS_A_YEAR**0.5
    moves = deviation * (dollar * common + (1 - dollar**2) ** 0.5 * own)
    opens = last * np.exp(-np.cumsum(moves[::-1])[::-1])
    closes = np.append(opens[1:], last)
    up, down = np.abs(rng.standard_normal((2, days.size))) * deviation * _WICK
    return Days(
        day=days,
        open=np.rint(opens).astype(np.int64),
        high=np.rint(np.maximum(opens, closes) * np.exp(up)).astype(np.int64),
        low=np.rint(np.minimum(opens, closes) * np.exp(-down)).astype(np.int64),
        close=np.rint(closes).astype(np.int64),
        spread=np.full(days.size, spread, np.int64),
        volume=np.full(days.size, 1440, np.int64),
    )
