"""What a training is told, what it says meanwhile and what comes of it. Known without torch."""

from dataclasses import asdict, dataclass
from typing import Any

from apps.agents.domain.artefact import Layer


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """`steps` are bars seen over all environments; one seed of 60,000 takes seconds, not minutes.

    A rollout is `envs * n_steps` steps; then come `epochs` passes over it in batches of `batch`. `gamma`
    discounts per bar. `clip` cuts normalised features.
    """

    steps: int = 60_000
    envs: int = 64
    n_steps: int = 64
    batch: int = 1024
    epochs: int = 5
    learning_rate: float = 1e-3
    gamma: float = 0.95
    gae_lambda: float = 0.95
    entropy: float = 0.0
    hidden: tuple[int, ...] = (64, 64)
    clip: float = 5.0
    feature_set: str = "core-1"

    def as_dict(self) -> dict[str, Any]:
        """Return the configuration as JSON keeps it."""
        return asdict(self) | {"hidden": list(self.hidden)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Said after each rollout. `mean_reward` is per step, in units of a usual bar's gain or loss."""

    step: int
    steps: int
    mean_reward: float
    elapsed_s: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedSeed:
    """`curve` is (step, mean reward per step) of each rollout; `fingerprint` names what made the weights."""

    seed: int
    layers: tuple[Layer, ...]
    curve: tuple[tuple[int, float], ...]
    fingerprint: dict[str, str]
    steps: int
