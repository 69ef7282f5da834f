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
from tests.risk.comparisons import data
from tests.risk.comparisons.data import Array

PEERS = Path(__file__).with_name("peers.py")
LOCK = Path(__file__).parents[3] / "requirements" / "comparisons.txt"


@pytest.fixture(scope="session")
def theirs() -> Mapping[str, Array]:
    """Figures by name. The same question to the same versions is answered from the file of the last time."""
    python = os.environ.get("MTQ_COMPARISONS")
    if python is None:
        pytest.skip("the libraries to compare with are not here: ./mtquant test installs them")
    question = json.dumps(data.inputs(covariance.ewma(data.MOVES)))
    asked = hashlib.sha256(question.encode() + PEERS.read_bytes() + LOCK.read_bytes()).hexdigest()[:16]
    kept = Path(python).parents[1] / f"answers-{asked}.json"
    if not kept.exists():
        done = subprocess.run(
            [python, str(PEERS)], input=question, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        kept.write_text(done.stdout)
    return {name: np.array(value) for name, value in json.loads(kept.read_text()).items()}
