"""What an agent sees at a closed bar. One function for training and live."""

import hashlib
from dataclasses import dataclass

import numpy as np

from apps.marketdata.domain.bar import FloatArray

HOLDING_COLUMNS = ("held",)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observation:
    """The newest row of the features and what the agent holds; `values` has shape (len(columns),).

    `held` is the agent's own position as a part of the most it may hold, in [-1, 1].
    """

    columns: tuple[str, ...]
    values: FloatArray

    def __getitem__(self, column: str) -> float:
        return float(self.values[self.columns.index(column)])

    @property
    def digest(self) -> str:
        """Return the hash by which a replay shows that it saw the same."""
        names = "\x1f".join(self.columns).encode()
        return hashlib.sha256(names + np.ascontiguousarray(self.values, dtype="<f8").tobytes()).hexdigest()


def observe(feature_row: FloatArray, columns: tuple[str, ...], *, held: float) -> Observation:
    """Join the features of a closed bar, shape (len(columns),), with the holding."""
    values = np.append(np.asarray(feature_row, dtype=np.float64), min(1.0, max(-1.0, held)))
    return Observation(columns=(*columns, *HOLDING_COLUMNS), values=values)
