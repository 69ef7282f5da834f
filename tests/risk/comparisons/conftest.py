"""Answers of the other libraries, from an environment of their own that `./mtquant test` makes."""

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from apps.risk.domain.metrics import covariance
from tests.risk.comparisons import data, sizing_data
from tests.risk.comparisons.data import Array

PEERS = Path(__file__).with_name("peers.py")
SIZING_PEERS = Path(__file__).with_name("sizing_peers.py")
LOCK = Path(__file__).parents[3] / "requirements" / "comparisons.txt"


@pytest.fixture(scope="session")
def theirs() -> Mapping[str, Array]:
    """Figures of books and tails by name."""
    return answers(PEERS, json.dumps(data.inputs(covariance.ewma(data.MOVES))))


@pytest.fixture(scope="session")
def their_sizes() -> Mapping[str, Array]:
    """Figures of sizing by name."""
    return answers(SIZING_PEERS, json.dumps(sizing_data.inputs()))


def answers(peers: Path, question: str) -> Mapping[str, Array]:
    """Ask the other libraries, or read what the same versions answered to the same question the last time."""
    python = os.environ.get("MTQ_COMPARISONS")
    if python is None:
        pytest.skip("the libraries to compare with are not here: ./mtquant test installs them")
    asked = hashlib.sha256(question.encode() + peers.read_bytes() + LOCK.read_bytes()).hexdigest()[:16]
    kept = Path(python).parents[1] / f"answers-{asked}.json"
    if not kept.exists():
        done = subprocess.run(
            [python, str(peers)], input=question, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        kept.write_text(done.stdout)
    return {name: np.array(value) for name, value in json.loads(kept.read_text()).items()}
