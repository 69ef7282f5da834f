"""From trained networks to an artefact: plain arrays, no torch in them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from stable_baselines3 import PPO
from torch import nn

from apps.agents.domain.artefact import Artefact, Layer, Member, from_bytes, to_bytes
from apps.agents.learning.config import TrainConfig, TrainedSeed
from apps.agents.learning.market import TrainingMarket
from apps.agents.learning.scaling import Normaliser

__all__ = ["Artefact", "artefact_of", "from_bytes", "layers_of", "to_bytes"]


def layers_of(model: PPO) -> tuple[Layer, ...]:
    """Return the policy network's layers as float32: weights (inputs, outputs) and bias (outputs,)."""
    hidden = [layer for layer in model.policy.mlp_extractor.policy_net if isinstance(layer, nn.Linear)]
    head = model.policy.action_net
    assert isinstance(head, nn.Linear)
    return tuple(_layer(linear) for linear in (*hidden, head))


def _layer(linear: nn.Linear) -> Layer:
    weights = linear.weight.detach().cpu().numpy().T
    bias = linear.bias.detach().cpu().numpy()
    return np.array(weights, dtype=np.float32, order="C"), np.array(bias, dtype=np.float32)


def artefact_of(
    market: TrainingMarket,
    config: TrainConfig,
    seeds: Sequence[TrainedSeed],
    *,
    facts: dict[str, Any] | None = None,
) -> Artefact:
    """Join the seeds of one configuration, trained on this market, into one policy.

    `facts` are JSON and become part of the content, so that the address tells other trainings apart.
    """
    normaliser = Normaliser.fit(market, clip=config.clip)
    return Artefact(
        feature_set=config.feature_set,
        columns=market.columns,
        mean=normaliser.mean,
        scale=normaliser.scale,
        clip=normaliser.clip,
        members=tuple(Member(seed=seed.seed, layers=seed.layers) for seed in seeds),
        config={
            "training": config.as_dict(),
            "data_hash": market.data_hash,
            "instrument": market.instrument,
            "timeframe": market.timeframe,
            **(facts or {}),
        },
    )
