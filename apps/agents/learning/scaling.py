"""How features are brought to one scale: learned from the training rows alone and kept with the policy."""

from dataclasses import dataclass

import numpy as np

from apps.agents.domain.artefact import Floats32
from apps.agents.domain.inference import normalise
from apps.agents.learning.market import TrainingMarket
from apps.marketdata.domain.bar import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Normaliser:
    """`mean` and `scale` have shape (f,); a column that never moves has the scale 1."""

    mean: FloatArray
    scale: FloatArray
    clip: float

    @classmethod
    def fit(cls, market: TrainingMarket, *, clip: float) -> "Normaliser":
        """Take mean and deviation from every row of the market, which must be the training part."""
        deviation = market.features.std(axis=0)
        mean = market.features.mean(axis=0)
        still = deviation <= 1e-12 * np.maximum(1.0, np.abs(mean))
        return cls(mean=mean, scale=np.where(still, 1.0, deviation), clip=clip)

    def __call__(self, features: FloatArray) -> Floats32:
        return normalise(features, mean=self.mean, scale=self.scale, clip=self.clip)
