"""Learned policies made by hand: networks that always want the same, or whatever chance made of them."""

import numpy as np

from apps.agents import policies
from apps.agents.domain.artefact import Artefact, Layer, Member
from apps.agents.models import Agent, PolicyVersion, TrainingRun
from apps.marketdata.domain.features import FEATURE_SETS

SET = FEATURE_SETS["core-1"]
INPUTS = len(SET.columns) + 1
ACTIONS = {"sell": 0, "nothing": 1, "buy": 2}


def stubborn(wish: str, *, label: str = "") -> Artefact:
    """Always want `sell`, `nothing` or `buy`; the label makes equal ones different versions."""
    bias = np.zeros(3, dtype=np.float32)
    bias[ACTIONS[wish]] = 1.0
    hidden = (np.zeros((INPUTS, 4), dtype=np.float32), np.zeros(4, dtype=np.float32))
    return _artefact(((hidden, (np.zeros((4, 3), dtype=np.float32), bias)),), label=label)


def by_chance(seed: int, *, members: int = 3) -> Artefact:
    """Networks of the usual shape with random weights: their wishes differ from bar to bar."""
    rng = np.random.default_rng(seed)
    shapes = ((INPUTS, 64), (64, 64), (64, 3))

    def layer(shape: tuple[int, int]) -> Layer:
        return (
            rng.normal(0, 0.5, shape).astype(np.float32),
            rng.normal(0, 0.1, shape[1]).astype(np.float32),
        )

    return _artefact(tuple(tuple(map(layer, shapes)) for _ in range(members)), label=str(seed))


def publish(artefact: Artefact, *, name: str) -> PolicyVersion:
    """Put an artefact into storage and registry, as a training of the agent would."""
    agent = Agent.objects.filter(slug=name).first()
    run = TrainingRun.objects.filter(agent=agent).first()
    file, address = policies.store(artefact)
    return policies.publish_learned(
        name=name, artefact=file, address=address, feature_set=SET.name, run=run, summary={}
    )


def _artefact(networks: tuple[tuple[Layer, ...], ...], *, label: str) -> Artefact:
    return Artefact(
        feature_set=SET.name,
        columns=SET.columns,
        mean=np.zeros(len(SET.columns)),
        scale=np.ones(len(SET.columns)),
        clip=5.0,
        members=tuple(Member(seed=seed, layers=layers) for seed, layers in enumerate(networks)),
        config={"label": label},
    )
