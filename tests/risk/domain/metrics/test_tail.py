from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.risk.domain.metrics import tail
from apps.risk.domain.metrics.returns import Returns
from apps.risk.errors import NoCovariance


def moves(*values: float) -> Returns:
    days = tuple(date(2026, 1, 1) + timedelta(days=ahead) for ahead in range(len(values)))
    return Returns(factors=("currency|EUR",), days=days, values=np.array(values)[:, np.newaxis])


def test_a_loss_is_the_exposure_times_the_plain_return() -> None:
    lost = tail.losses(moves(np.log(0.98), np.log(1.01)), {"currency|EUR": Decimal(1000)})
    np.testing.assert_allclose(lost, [20.0, -10.0])


def test_of_a_hundred_days_the_second_worst_is_the_quantile() -> None:
    assert tail.historical_var(np.arange(1.0, 101.0)) == 99.0
    assert tail.historical_es(np.arange(1.0, 101.0)) == 99.5


def test_of_five_hundred_days_the_sixth_worst_is_the_quantile() -> None:
    assert tail.historical_var(np.arange(1.0, 501.0)) == 495.0
    assert tail.historical_es(np.arange(1.0, 501.0)) == np.mean([495, 496, 497, 498, 499, 500])


def test_too_few_days_and_unknown_factors_say_so() -> None:
    with pytest.raises(NoCovariance):
        tail.historical_var(np.zeros(59))
    with pytest.raises(NoCovariance, match="GBP"):
        tail.losses(moves(0.01), {"currency|GBP": Decimal(1)})


@given(st.lists(st.floats(-1e9, 1e9), min_size=60, max_size=500))
def test_the_shortfall_is_at_least_the_quantile_and_the_quantile_was_a_loss(lost: list[float]) -> None:
    days = np.array(lost)
    found = tail.historical_var(days)
    assert found in days
    assert tail.historical_es(days) >= found - 1e-6
    assert (days > found).mean() <= 0.01
