"""Learned policies: loaded as they were published or not at all, each answering as if it were alone."""

from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import default_storage

from apps.agents import policies
from apps.agents.domain.inference import Stack
from apps.agents.domain.observation import Observation, observe
from apps.agents.errors import PolicyChanged, PolicyFault
from apps.agents.models import PolicyVersion
from apps.agents.policies import Asked
from tests.agents import networks
from tests.agents.floor import version as rule_version

pytestmark = pytest.mark.django_db


def observation(seed: int = 0) -> Observation:
    row = np.random.default_rng(seed).normal(0, 1, len(networks.SET.columns))
    return observe(row, networks.SET.columns, held=0.5)


def file_of(version: PolicyVersion) -> Path:
    return Path(default_storage.path(version.artefact.name or ""))


def test_a_version_lies_under_the_hash_of_its_content_and_is_published_once() -> None:
    first = networks.publish(networks.by_chance(1), name="one")
    again = networks.publish(networks.by_chance(1), name="one")
    assert first == again
    assert first.artefact.name == first.content_hash
    assert str(networks.publish(networks.by_chance(2), name="one")) == "one v2"


def test_policies_asked_together_answer_as_they_do_alone() -> None:
    versions = [networks.publish(networks.by_chance(seed), name=f"agent-{seed}") for seed in range(5)]
    asked = [Asked(version=version, observation=observation(i)) for i, version in enumerate(versions)]
    together = policies.act(asked)
    assert together == [policies.act([one])[0] for one in asked]
    assert (
        together[3] == Stack.build([networks.by_chance(3)]).targets(asked[3].observation.values[None, :])[0]
    )


def test_rules_and_networks_of_any_shape_are_asked_at_once() -> None:
    asked = [
        Asked(version=networks.publish(networks.stubborn("sell"), name="a"), observation=observation()),
        Asked(version=rule_version("buy-and-hold"), observation=observation()),
        Asked(version=networks.publish(networks.by_chance(1), name="b"), observation=observation()),
    ]
    answers = policies.act(asked)
    assert answers[:2] == [-1.0, 1.0]
    assert isinstance(answers[2], float)


def test_an_observation_that_is_not_finite_hurts_nobody_else() -> None:
    version = networks.publish(networks.stubborn("buy"), name="a")
    blind = observation()
    blind.values[3] = np.nan
    answers = policies.act(
        [Asked(version=version, observation=blind), Asked(version=version, observation=observation())]
    )
    assert isinstance(answers[0], PolicyFault)
    assert f"not a finite number in {networks.SET.columns[3]}" in str(answers[0])
    assert answers[1] == 1.0


def test_a_policy_refuses_columns_that_it_was_not_trained_on() -> None:
    version = networks.publish(networks.stubborn("buy"), name="a")
    short = observe(np.zeros(3), ("a", "b", "c"), held=0.0)
    (answer,) = policies.act([Asked(version=version, observation=short)])
    assert "sees other columns" in str(answer)


def test_a_file_that_was_changed_is_refused_though_it_was_loaded_before() -> None:
    version = networks.publish(networks.stubborn("buy"), name="a")
    policies.load(version)
    content = bytearray(file_of(version).read_bytes())
    content[-1] ^= 1
    file_of(version).write_bytes(content)
    with pytest.raises(PolicyChanged, match="does not match its hash"):
        policies.load(version)


def test_a_file_that_is_gone_is_refused() -> None:
    version = networks.publish(networks.stubborn("buy", label="gone"), name="a")
    policies.load(version)
    file_of(version).unlink()
    with pytest.raises(PolicyChanged, match="cannot be read: No such file"):
        policies.load(version)


def test_a_file_that_was_torn_by_a_crash_is_written_again() -> None:
    version = networks.publish(networks.stubborn("buy", label="torn"), name="a")
    file_of(version).write_bytes(b"torn")
    policies.store(networks.stubborn("buy", label="torn"))
    policies.load(version)
