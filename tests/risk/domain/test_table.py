"""The golden table: which check denies whom, each with its own reason planted."""

import json
from pathlib import Path

import pytest

from apps.risk.domain.checks import PRE_TRADE, Check
from tests.risk.domain.planted import PARTIES, cell, result

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "checks.json").read_text())


def test_the_table_of_checks_is_the_golden_one() -> None:
    """A check that is new, gone, or changes whom it stops is a decision: it changes the golden file."""
    assert {check.name: {party: cell(check, party) for party in PARTIES} for check in PRE_TRADE} == GOLDEN


@pytest.mark.parametrize("check", PRE_TRADE, ids=lambda check: str(check.name))
def test_each_check_denies_for_a_reason_of_its_own_and_not_by_an_error(check: Check) -> None:
    parties = [party for party in PARTIES if cell(check, party) == "denies"]
    assert parties, "nobody is ever denied by it"
    for party in parties:
        found = result(check, party)
        assert found is not None
        assert found.breach is not None
        assert not found.breach.reason.startswith("check_error")
        assert found.breach.text
