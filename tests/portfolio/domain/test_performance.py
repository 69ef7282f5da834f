from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.portfolio.domain import performance

D = Decimal
equities = st.lists(st.integers(1, 10**6).map(Decimal), min_size=1, max_size=30)


def test_drawdown_is_measured_from_the_peak() -> None:
    assert performance.drawdown([D(100), D(120), D(90)]) == D("0.25")
    assert performance.max_drawdown([D(100), D(50), D(200), D(150)]) == D("0.5")
    assert performance.drawdown([]) == 0


@given(equities)
def test_the_largest_drawdown_covers_the_present_one(equity: list[Decimal]) -> None:
    assert 0 <= performance.drawdown(equity) <= performance.max_drawdown(equity) < 1


def test_sharpe_of_known_returns() -> None:
    assert performance.sharpe([0.01, 0.03], periods_per_year=1) == pytest.approx(2**0.5)
    assert performance.sharpe([0.01], periods_per_year=252) is None
    assert performance.sharpe([0.0, 0.0], periods_per_year=252) is None


def test_returns_leave_out_what_follows_ruin() -> None:
    assert performance.returns([D(100), D(110), D(0), D(5)]) == pytest.approx([0.1, -1.0])


def test_win_rate_and_profit_factor() -> None:
    assert performance.win_rate([D(5), D(-2), D(0), D(1)]) == D("0.5")
    assert performance.profit_factor([D(6), D(-2)]) == 3
    assert performance.win_rate([]) is None
    assert performance.profit_factor([D(1)]) is None
