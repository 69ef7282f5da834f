"""The fixtures of the tests that planted faults turn red."""

from tests.portfolio.conftest import account, committed
from tests.portfolio.test_states import row
from tests.risk.conftest import desk
from tests.risk.test_breakers import long

__all__ = ["account", "committed", "desk", "long", "row"]
