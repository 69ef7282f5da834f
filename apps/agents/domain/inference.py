"""What learned policies want, in numpy: all agents of a closed bar in one stacked pass.

Every row is a matrix product of its own, (n, 1, i) @ (n, i, h): the result of one agent does not depend on
which others were asked with it, bit by bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.agents.domain.artefact import Artefact, Floats32
from apps.marketdata.domain.bar import FloatArray


def normalise(features: FloatArray, *, mean: FloatArray, scale: FloatArray, clip: float) -> Floats32:
    """Return (x - mean) / scale cut to [-clip, clip] as float32; `features` has shape (..., f)."""
    scaled = np.clip((features - mean) / scale, -clip, clip)
    return scaled.astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stack:
    """The members of n artefacts as one block. `owner[k]` is the artefact of member k, in order."""

    mean: FloatArray
    scale: FloatArray
    clip: FloatArray
    owner: NDArray[np.intp]
    first: NDArray[np.intp]
    counts: FloatArray
    layers: tuple[tuple[Floats32, Floats32], ...]
    actions: FloatArray

    @classmethod
    def build(cls, artefacts: Sequence[Artefact]) -> "Stack":
        """Stack artefacts whose networks have equal shapes. Raise ValueError when they have not."""
        members = [member for artefact in artefacts for member in artefact.members]
        shapes = {tuple(weights.shape for weights, _ in member.layers) for member in members}
        if len(shapes) != 1 or any(not artefact.members for artefact in artefacts):
            raise ValueError("only networks of one shape can be stacked")
        counts = [len(artefact.members) for artefact in artefacts]
        layers = tuple(
            (np.stack([pair[0] for pair in level]), np.stack([pair[1] for pair in level])[:, None, :])
            for level in zip(*(member.layers for member in members), strict=True)
        )
        return cls(
            mean=np.stack([artefact.mean for artefact in artefacts]),
            scale=np.stack([artefact.scale for artefact in artefacts]),
            clip=np.array([[artefact.clip] for artefact in artefacts]),
            owner=np.repeat(np.arange(len(artefacts)), counts),
            first=np.concatenate(([0], np.cumsum(counts)[:-1])),
            counts=np.array(counts, dtype=np.float64),
            layers=layers,
            actions=np.repeat(np.array([artefact.actions for artefact in artefacts]), counts, axis=0),
        )

    def targets(self, observations: FloatArray) -> FloatArray:
        """Return the target in [-1, 1] of each artefact, shape (n,); `observations` is (n, f + 1).

        Row k is what artefact k sees: its features as they are and `held` in the last column. The target is
        the mean over the members of the action with the highest logit.
        """
        picked = np.argmax(self.logits(observations), axis=1)
        wanted = self.actions[np.arange(len(picked)), picked]
        return np.add.reduceat(wanted, self.first) / self.counts

    def logits(self, observations: FloatArray) -> Floats32:
        """Return the logits of every member, shape (members, actions)."""
        features = np.clip((observations[:, :-1] - self.mean) / self.scale, -self.clip, self.clip)
        seen = np.concatenate((features, observations[:, -1:]), axis=1).astype(np.float32)
        values = seen[self.owner][:, None, :]
        for weights, bias in self.layers[:-1]:
            values = np.tanh(values @ weights + bias)
        weights, bias = self.layers[-1]
        logits: Floats32 = (values @ weights + bias)[:, 0, :]
        return logits
