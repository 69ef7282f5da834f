"""Training: repeatable, watched, stopped where it must be, and exported as it was."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from apps.agents.domain.inference import Stack
from apps.agents.errors import Cancelled, Diverged
from apps.agents.learning import train
from apps.agents.learning.config import Progress, TrainConfig, TrainedSeed
from apps.agents.learning.export import artefact_of, from_bytes, layers_of, to_bytes
from apps.agents.learning.ground import lay
from apps.agents.learning.scaling import Normaliser
from apps.agents.learning.vector import MarketVec
from tests.agents.learning.bars import made, terms, walk

MARKET = made(walk(1_500))
SMALL = TrainConfig(steps=1_024, envs=16, n_steps=32, batch=256, epochs=4)


def trained(seed: int = 1, config: TrainConfig = SMALL, **how: Any) -> TrainedSeed:
    asked: dict[str, Any] = {"on_progress": lambda _: True} | how
    return train.train_seed(MARKET, terms(), config, seed=seed, **asked)


def test_the_same_seed_twice_gives_equal_weights() -> None:
    first, again, other = trained(), trained(), trained(seed=2)
    for (weights, bias), (weights_again, bias_again) in zip(first.layers, again.layers, strict=True):
        np.testing.assert_array_equal(weights, weights_again)
        np.testing.assert_array_equal(bias, bias_again)
    assert (first.layers[0][0] != other.layers[0][0]).any()
    assert first.curve == again.curve
    assert first.fingerprint == again.fingerprint


def test_progress_is_told_after_each_rollout() -> None:
    told: list[Progress] = []

    def note(progress: Progress) -> bool:
        told.append(progress)
        return True

    seed = trained(on_progress=note)
    assert [(progress.step, progress.steps) for progress in told] == [(512, 1_024), (1_024, 1_024)]
    assert [(progress.step, progress.mean_reward) for progress in told] == list(seed.curve)
    assert told[0].elapsed_s <= told[1].elapsed_s


def test_a_training_can_be_stopped() -> None:
    with pytest.raises(Cancelled, match="step 512 of 1,024"):
        trained(on_progress=lambda _: False)


def test_a_reward_that_is_no_number_stops_and_keeps_the_last_good() -> None:
    """One bar late in the data has no price; the first accounts get there after some rollouts."""
    nights = MARKET.nights.copy()
    nights[-90:] = np.nan
    broken = replace(MARKET, nights=nights)
    with pytest.raises(Diverged, match="the reward is not a finite number") as stopped:
        train.train_seed(broken, terms(), replace(SMALL, steps=65_536), seed=1, on_progress=lambda _: True)
    good = stopped.value.last_good
    assert isinstance(good, TrainedSeed)
    assert 0 < good.steps <= stopped.value.step
    assert all(np.isfinite(weights).all() for weights, _ in good.layers)


def test_weights_that_are_no_numbers_stop_it() -> None:
    with pytest.raises(Diverged, match=r"(loss|weights) is not a finite number") as stopped:
        trained(config=replace(SMALL, learning_rate=1e30))
    assert stopped.value.step == 512


def test_one_thread_and_a_fingerprint() -> None:
    made_by = trained().fingerprint
    assert torch.get_num_threads() == 1
    assert made_by["threads"] == "1"
    assert made_by["torch"] == torch.__version__
    assert set(made_by) >= {"cpu", "numpy", "stable_baselines3", "python"}


def test_a_training_leaves_nothing_in_the_temporary_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    trained()
    assert list(tmp_path.iterdir()) == []


def test_inference_without_torch_acts_as_the_trained_policy() -> None:
    """Over 10,000 observations, also such as no market has: equal to SB3's deterministic action."""
    normaliser = Normaliser.fit(MARKET, clip=5.0)
    environment = MarketVec(lay(MARKET, terms()), normaliser, envs=16, seed=4)
    model = train._model(environment, SMALL, 4)
    model.learn(4_096)
    seed = TrainedSeed(seed=4, layers=layers_of(model), curve=(), fingerprint={}, steps=4_096)
    policy = from_bytes(to_bytes(artefact_of(MARKET, SMALL, [seed])))
    rng = np.random.default_rng(0)
    features = normaliser.mean + normaliser.scale * rng.standard_normal((10_000, len(MARKET.columns))) * 2.5
    seen = np.column_stack((features, rng.uniform(-1, 1, 10_000)))
    scaled = np.column_stack((normaliser(features), seen[:, -1])).astype(np.float32)
    actions, _ = model.predict(scaled, deterministic=True)
    stack = Stack.build([policy])
    targets = np.array([stack.targets(row[None])[0] for row in seen])
    np.testing.assert_array_equal(targets, actions - 1.0)
    assert len(set(targets.tolist())) > 1


def test_the_normaliser_knows_the_training_rows_alone() -> None:
    part = MARKET.part(0, 900)
    policy = artefact_of(part, SMALL, [trained()])
    np.testing.assert_array_equal(policy.mean, MARKET.features[:900].mean(axis=0))
    assert policy.config["data_hash"] == part.data_hash
