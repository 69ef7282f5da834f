"""Asks policies what they want: rules one by one, all learned ones of equal shape in one stacked pass."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from apps.agents.domain.inference import Stack
from apps.agents.domain.observation import Observation
from apps.agents.errors import PolicyChanged, PolicyFault
from apps.agents.models import PolicyVersion
from apps.agents.policies.loading import LearnedPolicy, Policy, load

Answer = float | PolicyFault | PolicyChanged


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """One version and what it is to look at."""

    version: PolicyVersion
    observation: Observation


def act(asked: Sequence[Asked]) -> list[Answer]:
    """Return for each question a target in [-1, 1], or why there is none: one failure hurts nobody else."""
    answers: list[Answer] = [0.0] * len(asked)
    learned: dict[Any, list[tuple[int, LearnedPolicy]]] = defaultdict(list)
    for index, question in enumerate(asked):
        try:
            policy = load(question.version)
            shape = _ready(policy, question.observation)
        except (PolicyFault, PolicyChanged) as error:
            answers[index] = error
            continue
        if isinstance(policy, LearnedPolicy):
            learned[shape].append((index, policy))
        else:
            answers[index] = _rule(policy, question.observation)
    for group in learned.values():
        stack = _stack(tuple(policy for _, policy in group))
        targets = stack.targets(np.stack([asked[index].observation.values for index, _ in group]))
        for (index, _), target in zip(group, targets, strict=True):
            answers[index] = float(target)
    return answers


def _ready(policy: Policy, observation: Observation) -> tuple[object, ...]:
    """Return what must be equal for policies to be stacked. Raise PolicyFault."""
    if not isinstance(policy, LearnedPolicy):
        return ()
    policy.check(observation)
    artefact = policy.artefact
    return (*(weights.shape for weights, _ in artefact.members[0].layers), len(artefact.actions))


def _rule(policy: Policy, observation: Observation) -> Answer:
    assert not isinstance(policy, LearnedPolicy)
    try:
        return policy.act(observation)
    except PolicyFault as error:
        return error


# Policies are compared by identity: one that was read anew is stacked anew. Few sets of agents recur.
@lru_cache(maxsize=8)
def _stack(policies: tuple[LearnedPolicy, ...]) -> Stack:
    return Stack.build([policy.artefact for policy in policies])
