"""Environment steps a second, ours beside two peers, in turn in the same run.

    uv pip install --target var/cache/benchmarks -r requirements/benchmarks.txt
    .venv/bin/python benchmarks/environment.py [--rounds 5] [--peers var/cache/benchmarks]

Each round steps every environment for as many steps as it takes in about half a second, with random actions,
episodes begun anew when they end. Ours fills at bid and ask, charges commission and swap, sizes, counts
losses and shows 23 numbers; gym-anytrading shows one window row of two, gym-trading-env the 22 features and
two of its own. Prints medians and ratios; a peer that is not installed is left out and said.
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

from apps.agents.learning.batch import Batch
from apps.agents.learning.environment import SingleAsset
from apps.agents.learning.ground import lay
from apps.agents.learning.scaling import Normaliser
from apps.agents.learning.vector import MarketVec
from benchmarks import market as bench

SECONDS = 0.5
Run = Callable[[], float]


def timed(step: Callable[[], int]) -> float:
    """Return steps a second over about SECONDS."""
    count, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < SECONDS:
        count += step()
    return count / (time.perf_counter() - begun)


def gym_steps(environment: Any, actions: int) -> Run:
    """Step a Gymnasium environment; 200 steps between looks at the clock."""
    drawn = np.random.default_rng(0).integers(0, actions, 200).tolist()

    def some() -> int:
        for action in drawn:
            _, _, terminated, truncated, _ = environment.step(action)
            if terminated or truncated:
                environment.reset()
        return len(drawn)

    def run() -> float:
        environment.reset(seed=1)
        return timed(some)

    return run


def ours(envs: int) -> Run:
    """Step the vector environment as training does."""
    market = bench.market()
    vector = MarketVec(lay(market, bench.terms()), Normaliser.fit(market, clip=5.0), envs=envs, seed=1)
    drawn = np.random.default_rng(0).integers(0, 3, (20, envs))

    def some() -> int:
        for actions in drawn:
            vector.step_async(actions)
            vector.step_wait()
        return len(drawn) * envs

    def run() -> float:
        vector.reset()
        return timed(some)

    return run


def core(envs: int) -> Run:
    """Step the accounts alone, without observations."""
    batch = Batch(lay(bench.market(), bench.terms()), envs)
    drawn = np.random.default_rng(0).integers(-1, 2, (20, envs)).astype(np.float64)

    def some() -> int:
        for targets in drawn:
            stepped = batch.step(targets)
            over = np.flatnonzero(stepped.halted | stepped.ended)
            batch.start(over, np.zeros(len(over), dtype=np.int64))
        return len(drawn) * envs

    return lambda: timed(some)


def anytrading() -> Run | None:
    try:
        import gym_anytrading.envs as peer  # noqa: PLC0415
        import pandas as pd  # noqa: PLC0415
    except ImportError as error:
        print(f"gym-anytrading is left out: {error}")
        return None
    frame = pd.DataFrame({"Close": bench.bars().bid_close})
    return gym_steps(peer.ForexEnv(frame, window_size=1, frame_bound=(1, bench.ROWS)), 2)


def trading_env() -> Run | None:
    try:
        import pandas as pd  # noqa: PLC0415
        from gym_trading_env.environments import TradingEnv  # noqa: PLC0415
    except ImportError as error:
        print(f"gym-trading-env is left out: {error}")
        return None
    market = bench.market()
    frame = pd.DataFrame({f"feature_{name}": market.features[:, k] for k, name in enumerate(market.columns)})
    frame.index = pd.DatetimeIndex(market.open_at)
    window = bench.bars()
    for name in ("open", "high", "low", "close"):
        frame[name] = getattr(window, f"bid_{name}")[-len(market) :]
    made = TradingEnv(frame, positions=[-1, 0, 1], trading_fees=5e-5, verbose=0)
    return gym_steps(made, 3)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", default=str(bench.ROOT / "var/cache/benchmarks"))
    given = parser.parse_args()
    # Behind our own packages: the peers' copies of numpy and gymnasium stay unused.
    sys.path.append(given.peers)
    runs: dict[str, Run | None] = {
        "ours, single": gym_steps(SingleAsset(bench.market(), bench.terms()), 3),
        "gym-anytrading, single": anytrading(),
        "gym-trading-env, single": trading_env(),
        "ours, VecEnv of 64": ours(64),
        "ours, VecEnv of 1,024": ours(1_024),
        "ours, accounts of 1,024": core(1_024),
    }
    rates: dict[str, list[float]] = {name: [] for name, run in runs.items() if run}
    for _ in range(given.rounds):
        for name, run in runs.items():
            if run:
                rates[name].append(run())
    own = statistics.median(rates["ours, single"])
    load = os.getloadavg()[0]
    print(f"{given.rounds} rounds, {os.cpu_count()} cores, load average {load:.1f} at the end")
    print(f"{'environment':<28}{'steps/s':>14}{'beside ours, single':>22}")
    for name, measured in rates.items():
        median = statistics.median(measured)
        print(f"{name:<28}{median:>14,.0f}{median / own:>21.2f}x")


if __name__ == "__main__":
    main()
