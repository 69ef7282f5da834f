"""A trained policy as bytes: the same content gives the same bytes, so that its hash is its address.

Layout: magic, length of the header, a JSON header with sorted keys, then the raw arrays, little-endian, in
the header's order. Nothing in it can run code.
"""

import hashlib
import json
import struct
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.agents.errors import PolicyChanged
from apps.marketdata.domain.bar import FloatArray

Floats32 = NDArray[np.float32]
Layer = tuple[Floats32, Floats32]  # weights (inputs, outputs) and bias (outputs,)

MAGIC = b"MTQPOL1\n"
_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Member:
    """One seed's network: tanh between the layers, the last gives one logit per action."""

    seed: int
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Artefact:
    """An ensemble and what it needs to read an observation; `mean` and `scale` have shape (len(columns),).

    A feature enters as (x - mean) / scale, cut to [-clip, clip]; `held` follows as it is. `config` is JSON.
    """

    feature_set: str
    columns: tuple[str, ...]
    mean: FloatArray
    scale: FloatArray
    clip: float
    members: tuple[Member, ...]
    actions: tuple[float, ...] = (-1.0, 0.0, 1.0)
    config: dict[str, Any] = field(default_factory=dict)


def to_bytes(artefact: Artefact) -> bytes:
    """Return the bytes of an artefact."""
    arrays: list[tuple[str, NDArray[Any]]] = [
        ("<f8", np.asarray(artefact.mean)),
        ("<f8", np.asarray(artefact.scale)),
    ]
    for member in artefact.members:
        for weights, bias in member.layers:
            arrays += [("<f4", weights), ("<f4", bias)]
    header = {
        "feature_set": artefact.feature_set,
        "columns": list(artefact.columns),
        "clip": artefact.clip,
        "actions": list(artefact.actions),
        "config": artefact.config,
        "members": [{"seed": m.seed, "layers": len(m.layers)} for m in artefact.members],
        "arrays": [{"dtype": dtype, "shape": list(array.shape)} for dtype, array in arrays],
    }
    text = json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    parts = [np.ascontiguousarray(array, dtype=dtype).tobytes() for dtype, array in arrays]
    return b"".join((MAGIC, _LENGTH.pack(len(text)), text, *parts))


def hash_of(content: bytes) -> str:
    """Return the address of an artefact's bytes."""
    return hashlib.sha256(content).hexdigest()


def from_bytes(content: bytes, *, expected: str | None = None) -> Artefact:
    """Read an artefact. Raise PolicyChanged when it is not `expected` (its hash), or no artefact at all."""
    if expected is not None and hash_of(content) != expected:
        raise PolicyChanged(f"the policy's file does not match its hash {expected[:12]}: it was changed")
    try:
        return _read(content)
    except (LookupError, TypeError, ValueError, struct.error) as error:
        raise PolicyChanged(f"this is no policy file: {error}") from error


def _read(content: bytes) -> Artefact:
    start = len(MAGIC) + _LENGTH.size
    if not content.startswith(MAGIC):
        raise ValueError("it does not begin as one")
    (length,) = _LENGTH.unpack(content[len(MAGIC) : start])
    header = json.loads(content[start : start + length])
    arrays = _arrays(content, start + length, header["arrays"])
    if len(arrays) != 2 + 2 * sum(told["layers"] for told in header["members"]):
        raise ValueError("its networks are not all there")
    pairs = iter(zip(arrays[2::2], arrays[3::2], strict=True))
    members = [
        Member(seed=told["seed"], layers=tuple(islice(pairs, told["layers"]))) for told in header["members"]
    ]
    artefact = Artefact(
        feature_set=header["feature_set"],
        columns=tuple(header["columns"]),
        mean=arrays[0],
        scale=arrays[1],
        clip=header["clip"],
        members=tuple(members),
        actions=tuple(header["actions"]),
        config=header["config"],
    )
    _check(artefact)
    return artefact


def _check(artefact: Artefact) -> None:
    """Raise ValueError for networks that could not be asked, or would answer without having thought."""
    features = (len(artefact.columns),)
    if artefact.mean.shape != features or artefact.scale.shape != features:
        raise ValueError("its normaliser does not fit its columns")
    ends = (len(artefact.columns) + 1, len(artefact.actions))
    if {_ends(member) for member in artefact.members} != {ends}:
        raise ValueError("its networks do not fit its columns and actions")
    if len({tuple(weights.shape for weights, _ in member.layers) for member in artefact.members}) != 1:
        raise ValueError("its networks are not of one shape")
    numbers: list[NDArray[Any]] = [artefact.mean, artefact.scale]
    numbers += [array for member in artefact.members for pair in member.layers for array in pair]
    if not all(np.isfinite(array).all() for array in numbers) or not (artefact.scale > 0).all():
        raise ValueError("its numbers are not finite, or its scale is not positive")


def _ends(member: Member) -> tuple[int, int]:
    """Return how many inputs and outputs a network has. Raise ValueError where two layers do not fit."""
    sizes = [weights.shape for weights, bias in member.layers if bias.shape == weights.shape[1:]]
    if len(sizes) != len(member.layers) or any(a[1] != b[0] for a, b in pairwise(sizes)):
        raise ValueError("its layers do not fit each other")
    return sizes[0][0], sizes[-1][1]


def _arrays(content: bytes, offset: int, told: list[dict[str, Any]]) -> list[NDArray[Any]]:
    arrays = []
    for entry in told:
        dtype, shape = np.dtype(entry["dtype"]), tuple(entry["shape"])
        count = int(np.prod(shape, dtype=np.int64))
        array = np.frombuffer(content, dtype=dtype, count=count, offset=offset).reshape(shape)
        arrays.append(array.astype(dtype.newbyteorder("=")))
        offset += count * dtype.itemsize
    if offset != len(content):
        raise ValueError(f"{len(content) - offset} bytes are left over")
    return arrays
