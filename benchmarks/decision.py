"""One decision: our stacked numpy pass beside Stable-Baselines3's `model.predict`, in turn, in one process.

    .venv/bin/python benchmarks/decision.py [--rounds 2000] [--json]

Both see the same observations of the same network (64 x 64, tanh); the actions are compared first. Ours is
timed for one network, for an ensemble of three, and for fifty such agents at once, as on one closed bar.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import gymnasium
import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3 import PPO

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from apps.agents.domain.artefact import Artefact, Member
from apps.agents.domain.inference import Stack
from apps.agents.learning.export import layers_of
from apps.marketdata.domain.features import FEATURE_SETS

COLUMNS = FEATURE_SETS["core-1"].columns
INPUTS = len(COLUMNS) + 1
AGENTS, SEEDS = 50, 3
WARM = 50


class Box(gymnasium.Env[np.ndarray, np.int64]):
    """As much of an environment as a model needs to know its shapes."""

    observation_space = spaces.Box(-np.inf, np.inf, (INPUTS,), np.float32)
    action_space: spaces.Space[np.int64] = spaces.Discrete(3)


def model_of(seed: int) -> PPO:
    kwargs = {"net_arch": [64, 64], "activation_fn": torch.nn.Tanh}
    return PPO("MlpPolicy", Box(), policy_kwargs=kwargs, seed=seed, device="cpu", n_steps=64, batch_size=64)


def artefact_of(models: Sequence[PPO]) -> Artefact:
    return Artefact(
        feature_set="core-1",
        columns=COLUMNS,
        mean=np.zeros(len(COLUMNS)),
        scale=np.ones(len(COLUMNS)),
        clip=np.inf,
        members=tuple(Member(seed=seed, layers=layers_of(model)) for seed, model in enumerate(models)),
    )


def compare(model: PPO, stack: Stack, seen: np.ndarray) -> int:
    """Return how many of the actions differ."""
    theirs, _ = model.predict(seen.astype(np.float32), deterministic=True)
    ours = [stack.targets(row[None, :])[0] for row in seen]
    return int(np.sum(np.asarray(theirs) - 1 != np.asarray(ours)))


def timed(calls: dict[str, Callable[[int], object]], rounds: int) -> dict[str, float]:
    """Return the median time of each call in microseconds; they are called in turn."""
    taken: dict[str, list[int]] = {name: [] for name in calls}
    for number in range(WARM + rounds):
        for name, call in calls.items():
            begun = time.perf_counter_ns()
            call(number)
            if number >= WARM:
                taken[name].append(time.perf_counter_ns() - begun)
    return {name: statistics.median(times) / 1000 for name, times in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    models = [model_of(seed) for seed in range(SEEDS)]
    rng = np.random.default_rng(0)
    seen = rng.normal(0, 1, (256, INPUTS))
    wide = rng.normal(0, 1, (AGENTS, INPUTS))
    single = Stack.build([artefact_of(models[:1])])
    three = Stack.build([artefact_of(models)])
    fifty = Stack.build([artefact_of(models)] * AGENTS)
    differ = compare(models[0], single, seen)
    narrow = seen.astype(np.float32)
    times = timed(
        {
            "sb3 model.predict, one network": lambda n: models[0].predict(
                narrow[n % 256], deterministic=True
            ),
            "ours, one network": lambda n: single.targets(seen[n % 256][None, :]),
            "ours, an agent of three": lambda n: three.targets(seen[n % 256][None, :]),
            f"ours, {AGENTS} agents of three at once": lambda _: fifty.targets(wide),
        },
        options.rounds,
    )
    ratio = times["sb3 model.predict, one network"] / times["ours, one network"]
    if options.json:
        print(
            json.dumps({"median_us": times, "ratio": ratio, "actions_that_differ": differ, "of": len(seen)})
        )
        return
    for name, median_us in times.items():
        print(f"{name:<36} {median_us:10.1f} µs")
    print(f"one decision: {ratio:.1f} times as fast; {differ} of {len(seen)} actions differ")


if __name__ == "__main__":
    main()
