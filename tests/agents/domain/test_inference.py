"""Inference in numpy: the ensemble's target, and that no row depends on the others."""

from dataclasses import replace

import numpy as np
import pytest

from apps.agents.domain.inference import Stack, normalise
from tests.agents.domain.test_artefact import artefact


def observations(rows: int, seed: int = 0, columns: int = 4) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.column_stack((rng.standard_normal((rows, columns)) * 3, rng.uniform(-1, 1, rows)))


def test_a_target_is_the_mean_of_the_members() -> None:
    seen = observations(200)
    alone = [Stack.build([artefact(seed)]) for seed in (1, 2, 3)]
    together = Stack.build([artefact(1, 2, 3)])
    for row in seen:
        votes = [stack.targets(row[None])[0] for stack in alone]
        assert set(votes) <= {-1.0, 0.0, 1.0}
        assert together.targets(row[None])[0] == pytest.approx(np.mean(votes))


def test_an_action_is_that_of_the_highest_logit() -> None:
    policy, row = artefact(7), observations(1)
    scaled = normalise(row[:, :-1], mean=policy.mean, scale=policy.scale, clip=policy.clip)
    (first, bias), (last, end) = policy.members[0].layers
    logits = np.tanh(np.append(scaled, row[:, -1:].astype(np.float32), axis=1) @ first + bias) @ last + end
    assert Stack.build([policy]).targets(row)[0] == policy.actions[int(np.argmax(logits))]


@pytest.mark.parametrize("sizes", [(5, 8, 3), (23, 64, 64, 3)])
def test_no_row_depends_on_who_is_asked_with_it(sizes: tuple[int, ...]) -> None:
    policies = [artefact(k, k + 100, sizes=sizes) for k in range(37)]
    seen = observations(37, columns=sizes[0] - 1)
    together = Stack.build(policies).logits(seen)
    for k, policy in enumerate(policies):
        alone = Stack.build([policy]).logits(seen[k : k + 1])
        np.testing.assert_array_equal(alone, together[2 * k : 2 * k + 2])


def test_ensembles_of_different_size_stack() -> None:
    policies, seen = [artefact(1, 2, 3), artefact(4), artefact(5, 6)], observations(3)
    alone = [Stack.build([policy]).targets(seen[k : k + 1])[0] for k, policy in enumerate(policies)]
    np.testing.assert_array_equal(Stack.build(policies).targets(seen), alone)


def test_features_are_cut_where_training_cut_them() -> None:
    policy = artefact(1)
    far, cut = observations(1), observations(1)
    far[0, 0], cut[0, 0] = 1e9, policy.mean[0] + policy.clip * policy.scale[0]
    stack = Stack.build([policy])
    np.testing.assert_array_equal(stack.logits(far), stack.logits(cut))


def test_only_one_shape_can_be_stacked() -> None:
    with pytest.raises(ValueError, match="one shape"):
        Stack.build([artefact(1), artefact(2, sizes=(5, 9, 3))])
    with pytest.raises(ValueError, match="one shape"):
        Stack.build([replace(artefact(1), members=())])
