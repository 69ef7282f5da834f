"""The covariance of one day's log returns, as a value that is worked out beforehand."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariance:
    """`matrix` is (n, n) float64 of one-day log returns, repaired, in the order of `factors`.

    A factor is `currency|EUR`, a currency against the base currency, or `instrument|US500`, an instrument in
    its quote currency. `as_of` is the last daily close in it; after `valid_until` (desk time) it is stale.
    """

    version: int
    factors: tuple[str, ...]
    matrix: Array
    as_of: date
    valid_until: datetime

    def is_stale(self, now: datetime) -> bool:
        return now > self.valid_until
