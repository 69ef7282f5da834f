"""PPO steps a second: our VecEnv beside SB3's DummyVecEnv over our single environment; and one decision.

    .venv/bin/python benchmarks/training.py [--rounds 3] [--steps 16384]

The same policy, rollout and batch in turn in the same run; then the same over SB3's default rollout and batch
(2,048 steps of one environment, 64 a batch, 10 epochs), which is what a plain `PPO("MlpPolicy", env)` does.
One decision is a target from one observation: `Stack.targets` beside `model.predict`. Prints medians.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import DummyVecEnv

from apps.agents.domain.inference import Stack
from apps.agents.learning.config import TrainConfig, TrainedSeed
from apps.agents.learning.environment import SingleAsset
from apps.agents.learning.export import artefact_of, layers_of
from apps.agents.learning.ground import lay
from apps.agents.learning.scaling import Normaliser
from apps.agents.learning.vector import MarketVec
from benchmarks import market as bench

CONFIG = TrainConfig()
DECISIONS = 300


def ours() -> MarketVec:
    market = bench.market()
    return MarketVec(lay(market, bench.terms()), Normaliser.fit(market, clip=5.0), envs=CONFIG.envs, seed=1)


def dummies(count: int) -> DummyVecEnv:
    market, terms = bench.market(), bench.terms()
    return DummyVecEnv([lambda: SingleAsset(market, terms) for _ in range(count)])


def model(environment: Any, **how: Any) -> PPO:
    policy = {"net_arch": list(CONFIG.hidden), "activation_fn": torch.nn.Tanh}
    made = PPO("MlpPolicy", environment, policy_kwargs=policy, seed=1, device="cpu", **how)
    made.set_logger(Logger(folder=None, output_formats=[]))  # else a folder in the temporary directory
    return made


def tuned(environment: Any) -> PPO:
    return model(
        environment,
        n_steps=CONFIG.n_steps,
        batch_size=CONFIG.batch,
        n_epochs=CONFIG.epochs,
        gamma=CONFIG.gamma,
    )


def learned(make: Callable[[], PPO], steps: int) -> float:
    """Return steps a second of learning, without the time to make the model."""
    learner = make()
    begun = time.perf_counter()
    learner.learn(steps)
    return learner.num_timesteps / (time.perf_counter() - begun)


def decisions() -> dict[str, float]:
    """Return the median microseconds of one decision."""
    learner = tuned(ours())
    market = bench.market()
    seed = TrainedSeed(seed=1, layers=layers_of(learner), curve=(), fingerprint={}, steps=0)
    stack = Stack.build([artefact_of(market, CONFIG, [seed])])
    seen = np.append(market.features[100], 0.0)[None]
    scaled = np.append(Normaliser.fit(market, clip=5.0)(market.features[100]), np.float32(0))
    asked: dict[str, Callable[[], Any]] = {
        "Stack.targets": lambda: stack.targets(seen),
        "model.predict": lambda: learner.predict(scaled, deterministic=True),
    }
    times: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(DECISIONS):
        for name, ask in asked.items():
            begun = time.perf_counter()
            ask()
            times[name].append((time.perf_counter() - begun) * 1e6)
    return {name: statistics.median(measured) for name, measured in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=16_384)
    given = parser.parse_args()
    torch.set_num_threads(1)
    runs: dict[str, Callable[[], PPO]] = {
        "ours, VecEnv of 64": lambda: tuned(ours()),
        "DummyVecEnv of 64": lambda: tuned(dummies(CONFIG.envs)),
        "SB3's defaults, one environment": lambda: model(dummies(1)),
    }
    tuned(ours()).learn(1)  # torch loads the rest of itself at the first step
    rates: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(given.rounds):
        for name, make in runs.items():
            rates[name].append(learned(make, given.steps))
    load = os.getloadavg()[0]
    told = f"{given.rounds} rounds of {given.steps:,} steps, {os.cpu_count()} cores"
    print(f"{told}, load average {load:.1f} at the end")
    peer = statistics.median(rates["DummyVecEnv of 64"])
    print(f"{'PPO':<34}{'steps/s':>10}{'beside DummyVecEnv':>20}")
    for name, measured in rates.items():
        print(f"{name:<34}{statistics.median(measured):>10,.0f}{statistics.median(measured) / peer:>19.2f}x")
    for name, microseconds in decisions().items():
        print(f"one decision, {name}: {microseconds:,.0f} us")


if __name__ == "__main__":
    main()
