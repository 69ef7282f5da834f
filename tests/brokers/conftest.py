"""For all tests of this app: no connection outlives its test."""

from collections.abc import Iterator

import pytest

from apps.brokers import last_gate


@pytest.fixture(autouse=True)
def _gate_keeps_nothing_open() -> Iterator[None]:
    yield
    last_gate.close_idle()
