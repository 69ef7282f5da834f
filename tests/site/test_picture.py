import re

from hypothesis import given
from hypothesis import strategies as st

from mtquant_site import picture

AMOUNTS = st.lists(st.floats(min_value=1, max_value=1e9), min_size=2, max_size=60)


def test_one_point_is_no_curve() -> None:
    assert picture.curve(means=[1.0], lows=[1.0], highs=[1.0]) is None
    assert picture.depth(lows=[1.0], highs=[1.0]) is None


def test_a_fall_from_110_to_99_is_a_drawdown_of_ten_per_cent() -> None:
    depth = picture.depth(lows=[100, 110, 99, 105], highs=[100, 110, 99, 105])
    assert depth is not None
    assert round(depth.worst, 6) == 0.1
    assert [level.label for level in depth.levels] == ["5%", "10%", "15%"]


@given(AMOUNTS)
def test_every_point_stays_inside_the_picture(amounts: list[float]) -> None:
    curve = picture.curve(means=amounts, lows=amounts, highs=amounts)
    assert curve is not None
    for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", curve.line):
        assert 0 <= float(x) <= picture.WIDTH
        assert 0 <= float(y) <= picture.HEIGHT


@given(AMOUNTS)
def test_a_drawdown_never_leaves_its_picture(amounts: list[float]) -> None:
    depth = picture.depth(lows=amounts, highs=amounts)
    assert depth is not None
    assert 0 <= depth.worst < 1
    assert all(0 <= float(y) <= picture.HEIGHT for y in re.findall(r",(-?[\d.]+)", depth.area))
