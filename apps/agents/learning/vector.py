"""The batch as Stable-Baselines3 wants it: a VecEnv that steps all environments in one numpy call."""

from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv

from apps.agents.learning.batch import Batch
from apps.agents.learning.ground import Ground
from apps.agents.learning.scaling import Normaliser

ACTIONS = np.array([-1.0, 0.0, 1.0])  # short, flat, long
SHORTEST = 256  # bars that an episode has at least, where the data has as many


def bounds(features: int, clip: float) -> gym.spaces.Box:
    """Return the space of observations: normalised features, then `held`."""
    high = np.append(np.full(features, clip), [1.0]).astype(np.float32)
    return gym.spaces.Box(-high, high, dtype=np.float32)


def first_rows(last_row: int) -> int:
    """Return how many rows an episode may begin at."""
    rows = last_row + 1
    return max(1, rows - min(SHORTEST, rows // 2))


class MarketVec(VecEnv):
    """`envs` accounts that start at random bars and go to the end of the data or to a halt.

    An observation is the normalised features and `held`, float32 of shape (f + 1,); an action is an index
    of ACTIONS. At the end of the data an episode is truncated, never terminated.
    """

    def __init__(self, ground: Ground, normaliser: Normaliser, *, envs: int, seed: int = 0) -> None:
        features = normaliser(ground.market.features)
        self._seen = np.concatenate((features, np.zeros((len(features), 1), np.float32)), axis=1)
        self._rng = np.random.default_rng(seed)
        self._targets = np.zeros(envs)
        self._observed = np.zeros((envs, self._seen.shape[1]), dtype=np.float32)
        self._nothing: list[dict[str, Any]] = [{} for _ in range(envs)]
        self.batch = Batch(ground, envs)
        self.render_mode = None
        space = bounds(features.shape[1], normaliser.clip)
        super().__init__(envs, space, gym.spaces.Discrete(len(ACTIONS)))

    def reset(self) -> NDArray[np.float32]:
        self.batch.start(np.arange(self.num_envs), self._starts(self.num_envs))
        return self._observe().copy()

    def step_async(self, actions: NDArray[np.int64]) -> None:
        np.take(ACTIONS, actions, out=self._targets)

    def step_wait(
        self,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        stepped = self.batch.step(self._targets)
        done = stepped.halted | stepped.ended
        infos = self._nothing
        if done.any():
            infos = self._restart(np.flatnonzero(done), stepped.ended)
        return self._observe().copy(), stepped.reward.astype(np.float32), done, infos

    def _restart(self, over: NDArray[np.intp], ended: NDArray[np.bool_]) -> list[dict[str, Any]]:
        last = self._observe()
        infos = list(self._nothing)
        for index in over:
            infos[index] = {
                "terminal_observation": last[index].copy(),
                "TimeLimit.truncated": bool(ended[index]),
            }
        self.batch.start(over, self._starts(len(over)))
        return infos

    def _starts(self, count: int) -> NDArray[np.int64]:
        return self._rng.integers(0, first_rows(self.batch.ground.last_row), count)

    def _observe(self) -> NDArray[np.float32]:
        """Look at every account's closed bar; the array is written anew at the next look."""
        np.take(self._seen, self.batch.row, axis=0, out=self._observed)
        self._observed[:, -1] = self.batch.held
        return self._observed

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        self._rng = np.random.default_rng(seed)
        return [seed] * self.num_envs

    def close(self) -> None:
        """Nothing is open."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [getattr(self, attr_name) for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        raise AttributeError(f"{attr_name} of {indices or 'all'} cannot be set to {value}")

    def env_method(self, method_name: str, *_: Any, indices: Any = None, **__: Any) -> list[Any]:
        raise AttributeError(f"one account among many ({indices or 'all'}) has no method {method_name}")

    def env_is_wrapped(
        self,
        wrapper_class: type[gym.Wrapper[Any, Any, Any, Any]],  # noqa: ARG002 - none is
        indices: Any = None,
    ) -> list[bool]:
        return [False for _ in self._get_indices(indices)]

    def get_images(self) -> Sequence[NDArray[np.uint8] | None]:
        return [None] * self.num_envs
