"""Token buckets: never more than the burst, filled by desk time, and a step back fills nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.risk.domain.surroundings import Bucket
from apps.risk.domain.throttle import take
from tests.risk.cast import NOW

D = Decimal


def asks(*seconds: float, rate: str = "1", burst: str = "2") -> list[bool]:
    """Ask at these seconds, one after the other, and return what was allowed."""
    bucket: Bucket | None = None
    answers = []
    for second in seconds:
        at = NOW + timedelta(seconds=second)
        allowed, bucket = take(bucket, now=at, rate=D(rate), burst=D(burst))
        answers.append(allowed)
    return answers


@pytest.mark.parametrize(
    ("seconds", "allowed"),
    [
        ((0, 0, 0), [True, True, False]),
        ((0, 0, 0.999, 1), [True, True, False, True]),
        ((0, 0, 10, 10, 10), [True, True, True, True, False]),  # no more than the burst
        ((10, 10, 0, 10), [True, True, False, False]),  # back and forth again refills nothing
        ((10, 10, 0, 11), [True, True, False, True]),
    ],
)
def test_a_bucket_gives_what_time_has_filled(seconds: tuple[float, ...], allowed: list[bool]) -> None:
    assert asks(*seconds) == allowed


@pytest.mark.parametrize("bad", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_or_burst_that_is_no_number_raises(bad: str) -> None:
    with pytest.raises(ValueError):
        asks(0, rate=bad)
    with pytest.raises(ValueError):
        asks(0, burst=bad)


@given(
    st.lists(st.integers(-50, 50), min_size=1, max_size=60),
    st.decimals("0.1", "5", places=1),
    st.integers(1, 9),
)
def test_no_clock_lets_more_pass_than_burst_and_refill(steps: list[int], rate: Decimal, burst: int) -> None:
    second, latest, seconds = 0, 0, []
    for step in steps:
        second += step
        latest = max(latest, second)
        seconds.append(second)
    passed = sum(asks(*seconds, rate=str(rate), burst=str(burst)))
    assert passed <= burst + rate * (latest - min(seconds[0], latest))
