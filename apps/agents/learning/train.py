"""Trains one seed of a policy with PPO. The only module, with `export` and `vector`, that loads torch."""

import platform
import time
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import stable_baselines3
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import Logger

from apps.agents.errors import Cancelled, Diverged
from apps.agents.learning.config import Progress, TrainConfig, TrainedSeed
from apps.agents.learning.export import layers_of
from apps.agents.learning.ground import lay
from apps.agents.learning.market import Terms, TrainingMarket
from apps.agents.learning.scaling import Normaliser
from apps.agents.learning.vector import MarketVec

__all__ = ["Progress", "TrainConfig", "TrainedSeed", "fingerprint", "train_seed"]

OnProgress = Callable[[Progress], bool]


def fingerprint() -> dict[str, str]:
    """Name everything that the weights depend on beside seed, data and configuration."""
    return {
        "torch": torch.__version__,
        "threads": str(torch.get_num_threads()),
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "stable_baselines3": stable_baselines3.__version__,
        "gymnasium": gymnasium.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


def train_seed(
    market: TrainingMarket, terms: Terms, config: TrainConfig, *, seed: int, on_progress: OnProgress
) -> TrainedSeed:
    """Train one seed on the whole market. The same arguments under the same fingerprint give equal weights.

    `on_progress` is called after each rollout; when it returns False, Cancelled is raised. Raise Diverged
    when reward, loss or weights stop being finite numbers; it carries the last good weights.
    """
    # One thread: several differ in the last bit, and on small networks they are slower.
    torch.set_num_threads(1)
    environment = MarketVec(
        lay(market, terms), Normaliser.fit(market, clip=config.clip), envs=config.envs, seed=seed
    )
    model = _model(environment, config, seed)
    watch = _Watch(config, seed, on_progress)
    try:
        model.learn(total_timesteps=config.steps, callback=watch)
    except ValueError as error:
        # With NaN weights the action distribution refuses its parameters before the next look at them.
        if not watch.weights_are_sound():
            raise watch.diverged("the weights") from error
        raise
    watch.look()
    return watch.trained()


def _model(environment: MarketVec, config: TrainConfig, seed: int) -> PPO:
    model = PPO(
        "MlpPolicy",
        environment,
        n_steps=config.n_steps,
        batch_size=config.batch,
        n_epochs=config.epochs,
        learning_rate=config.learning_rate,
        gamma=config.gamma,
        gae_lambda=config.gae_lambda,
        ent_coef=config.entropy,
        policy_kwargs={"net_arch": list(config.hidden), "activation_fn": torch.nn.Tanh},
        seed=seed,
        device="cpu",
    )
    # Without one of its own it makes a folder in the temporary directory for each training.
    model.set_logger(Logger(folder=None, output_formats=[]))
    return model


class _Watch(BaseCallback):
    """Counts, tells, and stops a training that has nothing left to learn from."""

    model: PPO

    def __init__(self, config: TrainConfig, seed: int, on_progress: OnProgress) -> None:
        super().__init__()
        self._config = config
        self._seed = seed
        self._tell = on_progress
        self._begun = time.monotonic()
        self._sum, self._count = 0.0, 0
        self._curve: list[tuple[int, float]] = []
        self._good: TrainedSeed | None = None

    @property
    def _steps(self) -> int:
        """The steps that whole rollouts make of those asked for."""
        rollout = self._config.envs * self._config.n_steps
        return -(-self._config.steps // rollout) * rollout

    def _on_step(self) -> bool:
        total = float(np.sum(self.locals["rewards"], dtype=np.float64))
        if not np.isfinite(total):
            raise self.diverged("the reward")
        self._sum += total
        self._count += len(self.locals["rewards"])
        return True

    def _on_rollout_start(self) -> None:
        if self.num_timesteps:
            self.look()

    def _on_rollout_end(self) -> None:
        mean = self._sum / self._count
        self._sum, self._count = 0.0, 0
        self._curve.append((self.num_timesteps, mean))
        told = Progress(
            step=self.num_timesteps,
            steps=self._steps,
            mean_reward=mean,
            elapsed_s=time.monotonic() - self._begun,
        )
        if not self._tell(told):
            raise Cancelled(f"stopped at step {self.num_timesteps:,} of {self._steps:,}")

    def look(self) -> None:
        """Keep the weights of a sound update. Raise Diverged for another one."""
        loss: Any = self.model.logger.name_to_value.get("train/loss", 0.0)
        if not np.isfinite(loss):
            raise self.diverged("the loss")
        if not self.weights_are_sound():
            raise self.diverged("the weights")
        self._good = self.trained()

    def weights_are_sound(self) -> bool:
        return all(bool(torch.isfinite(weights).all()) for weights in self.model.policy.parameters())

    def diverged(self, what: str) -> Diverged:
        return Diverged(step=self.num_timesteps, what=what, last_good=self._good)

    def trained(self) -> TrainedSeed:
        """Return the weights as they are now."""
        return TrainedSeed(
            seed=self._seed,
            layers=layers_of(self.model),
            curve=tuple(self._curve),
            fingerprint=fingerprint(),
            steps=self.num_timesteps,
        )
