"""Policies as bytes: the same content, the same bytes, and nothing that was touched is read."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from apps.agents.domain.artefact import Artefact, Member, from_bytes, hash_of, to_bytes
from apps.agents.errors import PolicyChanged


def network(seed: int, sizes: tuple[int, ...] = (5, 8, 3)) -> Member:
    rng = np.random.default_rng(seed)
    layers = tuple(
        (rng.standard_normal((n, m), dtype=np.float32), rng.standard_normal(m, dtype=np.float32))
        for n, m in pairwise(sizes)
    )
    return Member(seed=seed, layers=layers)


def artefact(*seeds: int, sizes: tuple[int, ...] = (5, 8, 3)) -> Artefact:
    count = sizes[0] - 1
    return Artefact(
        feature_set="core-1",
        columns=tuple(f"c{k}" for k in range(count)),
        mean=np.linspace(-1, 1, count),
        scale=np.linspace(0.5, 2, count),
        clip=5.0,
        members=tuple(network(seed, sizes) for seed in seeds),
        config={"steps": 60_000, "note": "ü"},
    )


def test_bytes_come_back_as_they_were() -> None:
    policy = artefact(1, 2)
    again = from_bytes(to_bytes(policy))
    assert again.columns == policy.columns
    assert again.config == policy.config
    np.testing.assert_array_equal(again.mean, policy.mean)
    for member, same in zip(policy.members, again.members, strict=True):
        assert member.seed == same.seed
        for (weights, bias), (weights_again, bias_again) in zip(member.layers, same.layers, strict=True):
            np.testing.assert_array_equal(weights, weights_again)
            np.testing.assert_array_equal(bias, bias_again)


def test_the_same_content_has_the_same_address() -> None:
    policy = artefact(1)
    turned = replace(policy, config=dict(reversed(policy.config.items())))
    fortran = replace(policy, members=(_fortran(policy.members[0]),))
    assert to_bytes(policy) == to_bytes(turned) == to_bytes(fortran) == to_bytes(from_bytes(to_bytes(policy)))
    assert hash_of(to_bytes(policy)) != hash_of(to_bytes(artefact(2)))


def _fortran(member: Member) -> Member:
    return replace(member, layers=tuple((np.asfortranarray(w), b) for w, b in member.layers))


@pytest.mark.parametrize("place", [0, 10, 60, -1])
def test_one_changed_byte_is_refused(place: int) -> None:
    content = bytearray(to_bytes(artefact(1)))
    address = hash_of(bytes(content))
    content[place] ^= 1
    with pytest.raises(PolicyChanged, match="does not match its hash"):
        from_bytes(bytes(content), expected=address)


@pytest.mark.parametrize(
    "content", [b"", b"junk", b"MTQPOL1\n", to_bytes(artefact(1))[:-4], to_bytes(artefact(1)) + b"x"]
)
def test_what_is_no_policy_is_refused(content: bytes) -> None:
    with pytest.raises(PolicyChanged, match="no policy file"):
        from_bytes(content)


def test_a_value_that_json_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        to_bytes(replace(artefact(1), clip=float("nan")))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mean": np.zeros(3)}, "normaliser does not fit"),
        ({"scale": np.array([1.0, 1.0, 0.0, 1.0])}, "scale is not positive"),
        ({"members": ()}, "do not fit its columns"),
        ({"members": (network(1, (6, 8, 3)),)}, "do not fit its columns"),
        ({"actions": (-1.0, 1.0)}, "do not fit its columns and actions"),
        ({"members": (network(1), network(2, (5, 9, 3)))}, "not of one shape"),
    ],
)
def test_networks_that_could_not_be_asked_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyChanged, match=said):
        from_bytes(to_bytes(replace(artefact(1), **change)))


def test_weights_that_are_no_numbers_are_refused() -> None:
    """The first action would win among logits that are NaN, and it is to sell."""
    broken = artefact(1)
    broken.members[0].layers[1][1][:] = np.nan
    with pytest.raises(PolicyChanged, match="numbers are not finite"):
        from_bytes(to_bytes(broken))


def test_a_header_that_promises_more_than_is_there_is_refused() -> None:
    content = to_bytes(artefact(1)).replace(b'"layers":2', b'"layers":9')
    with pytest.raises(PolicyChanged, match="not all there"):
        from_bytes(content)
