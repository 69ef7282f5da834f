"""Each planted fault turns a test red that is green without it: a suite that finds nothing proves nothing."""

from inspect import signature

import pytest

from tests.planted.faults import FAULTS
from tests.planted.planting import Fault

# These take a database of one transaction; with others several connections meet.
IN_ONE_TRANSACTION = {"account", "row"}
APART = [fault for fault in FAULTS if IN_ONE_TRANSACTION & set(signature(fault.red).parameters)]
MEETING = [fault for fault in FAULTS if fault not in APART]
either_way = pytest.mark.parametrize("is_planted", [False, True], ids=["sound", "planted"])


def name(fault: Fault) -> str:
    return fault.name.replace(" ", "-")


@pytest.mark.django_db(transaction=True)
@either_way
@pytest.mark.parametrize("fault", MEETING, ids=name)
def test_a_fault_turns_its_test_red(fault: Fault, is_planted: bool, request: pytest.FixtureRequest) -> None:
    play(fault, is_planted, request)


@pytest.mark.django_db
@either_way
@pytest.mark.parametrize("fault", APART, ids=name)
def test_a_fault_of_one_order_turns_its_test_red(
    fault: Fault, is_planted: bool, request: pytest.FixtureRequest
) -> None:
    play(fault, is_planted, request)


def play(fault: Fault, is_planted: bool, request: pytest.FixtureRequest) -> None:
    """Call the test with its own fixtures: it is green as the code stands, and red with the fault in it."""
    wanted = [name for name in signature(fault.red).parameters if name not in fault.given]
    given = dict(fault.given) | {name: request.getfixturevalue(name) for name in wanted}
    if not is_planted:
        fault.red(**given)
        return
    with fault.plant(), pytest.raises(fault.how):
        fault.red(**given)
