from datetime import UTC, datetime

import numpy as np

from apps.marketdata.api import bodies
from apps.marketdata.domain.bar import SIDES, BarWindow, Timeframe
from tests.site import schema


def _window(bid: list[float], ask: list[float]) -> BarWindow:
    begin = np.datetime64(datetime(2026, 1, 6, 3, 12, tzinfo=UTC).replace(tzinfo=None), "us")
    sides = {name: np.array(bid if name.startswith("bid") else ask) for name in SIDES}
    return BarWindow(
        instrument="EURUSD",
        timeframe=Timeframe.M1,
        open_at=begin + np.arange(len(bid)) * np.timedelta64(1, "m"),
        volume=np.full(len(bid), 7.0),
        **sides,
    )


def test_a_bar_is_a_row_of_mids_as_text_with_half_ticks_and_the_spread() -> None:
    (row,) = bodies.bar_rows(_window([1.0825], [1.08265]), places=5)
    assert row == [1767669120, "1.082575", "1.082575", "1.082575", "1.082575", 7.0, "0.000150"]
    body = {"instrument": "EURUSD", "timeframe": "1m", "digits": 5, "bars": [row]}
    assert schema.component_faults(body, "Bars") == []


def test_a_bar_of_which_a_side_is_unknown_is_left_out() -> None:
    rows = bodies.bar_rows(_window([1.08, 1.09], [float("nan"), 1.0902]), places=5)
    assert [row[0] for row in rows] == [1767669180]
