import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.risk.domain.metrics import covariance
from apps.risk.errors import NoCovariance

MOVES = np.random.default_rng(3).standard_normal((250, 4)) * 0.01


def test_the_newest_day_weighs_most_and_weights_sum_to_one() -> None:
    two = np.array([[0.02], [0.01]])
    assert covariance.ewma(two)[0, 0] == pytest.approx((0.94 * 0.0004 + 0.0001) / 1.94, rel=1e-15)


def test_ewma_follows_the_recursion_once_the_start_is_forgotten() -> None:
    moves = np.random.default_rng(4).standard_normal((600, 2)) * 0.01
    matrix = np.zeros((2, 2))
    for move in moves:
        matrix = 0.94 * matrix + 0.06 * np.outer(move, move)
    np.testing.assert_allclose(covariance.ewma(moves), matrix, rtol=1e-12)


def test_a_good_matrix_is_left_as_it_is() -> None:
    matrix = covariance.ewma(MOVES)
    fixed, raised = covariance.repaired(matrix)
    assert raised == 0
    assert (fixed == matrix).all()


def test_two_factors_that_move_as_one_are_repaired_with_their_variances_kept() -> None:
    twin = np.column_stack([MOVES[:, 0], 2 * MOVES[:, 0], MOVES[:, 1]])
    matrix = covariance.ewma(twin)
    fixed, raised = covariance.repaired(matrix)
    values = np.linalg.eigvalsh(fixed)
    assert raised == 1
    assert values[0] > values[-1] * 0.99e-10
    np.testing.assert_allclose(np.diag(fixed), np.diag(matrix), rtol=1e-13)


def test_what_never_moved_has_no_covariance() -> None:
    with pytest.raises(NoCovariance):
        covariance.repaired(np.zeros((2, 2)))
    with pytest.raises(ArithmeticError):
        covariance.repaired(np.array([[np.nan]]))


@given(seed=st.integers(0, 10_000), days=st.integers(2, 12), factors=st.integers(1, 8))
def test_every_repaired_matrix_is_positive_definite(seed: int, days: int, factors: int) -> None:
    moves = np.random.default_rng(seed).standard_normal((days, factors)) * 0.01
    fixed, _ = covariance.repaired(covariance.ewma(moves))
    assert np.linalg.eigvalsh(fixed)[0] > 0
    assert (fixed == fixed.T).all()


def test_correlations_are_one_on_the_diagonal_and_none_with_what_never_moves() -> None:
    still = np.diag([4.0, 0.0])
    assert covariance.correlation(still).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    found = covariance.correlation(covariance.ewma(MOVES))
    assert np.abs(found).max() == 1.0
