from decimal import Decimal

import numpy as np
import pytest

from apps.marketdata.domain import quality, spreads
from apps.marketdata.domain.arrays import select
from apps.marketdata.domain.sessions import SessionRule
from tests.marketdata.samples import bars, quote


def test_sound_bars_have_no_fault() -> None:
    assert list(quality.hard_faults(bars(50))) == []
    assert quality.sound_rows(bars(50)).all()


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("bid_close", np.nan, "nan"),
        ("ask_open", np.inf, "nan"),
        ("bid_low", 0.0, "non_positive"),
        ("ask_high", 0.5, "high_low"),
        ("bid_low", 9.0, "high_low"),
    ],
)
def test_a_hard_fault_names_its_row(column: str, value: float, kind: str) -> None:
    window = bars(10)
    getattr(window, column)[4] = value
    assert (kind, 4) in {(fault.kind, fault.row) for fault in quality.hard_faults(window)}
    assert not quality.sound_rows(window)[4]
    assert quality.sound_rows(window).sum() == 9


def test_an_ask_that_is_unknown_throughout_is_no_fault() -> None:
    window = bars(10)
    for part in ("open", "high", "low", "close"):
        getattr(window, f"ask_{part}")[:] = np.nan
    assert quality.sound_rows(window).all()


def test_negative_prices_pass_where_the_instrument_allows_them() -> None:
    window = bars(3)
    for part in ("open", "high", "low", "close"):
        getattr(window, f"bid_{part}")[:] = -37.0
    assert quality.sound_rows(window, allows_negative=True).all()
    assert not quality.sound_rows(window).any()


def test_a_crossed_close_and_a_jump_are_soft() -> None:
    window = bars(1000)
    window.ask_close[7] = window.bid_close[7] - 0.001
    window.bid_close[500:] *= 0.95
    soft = [(fault.kind, fault.row, fault.hard) for fault in quality.soft_faults(window)]
    assert soft == [("crossed", 7, False), ("jump", 500, False)]


def test_a_gap_inside_a_session_is_told_and_a_weekend_is_not() -> None:
    window = bars(24 * 60 * 8)  # a week of minutes and a day, weekend included
    closed = (window.open_at >= np.datetime64("2024-03-08T22:00")) & (
        window.open_at < np.datetime64("2024-03-10T21:00")
    )
    week = select(window, ~closed)
    assert list(quality.gaps(week, SessionRule.FX)) == []
    assert len(list(quality.gaps(select(week, np.arange(len(week)) != 77), SessionRule.FX))) == 1


@pytest.mark.parametrize(
    ("bid", "ask", "kind"),
    [
        ("1.1", "1.2", None),
        ("1.1", "1.1", None),
        ("NaN", "1.2", "nan"),
        ("1.1", "Infinity", "nan"),
        ("-1", "1.2", "non_positive"),
        ("1.3", "1.2", "crossed"),
    ],
)
def test_quotes(bid: str, ask: str, kind: str | None) -> None:
    assert quality.quote_fault(quote(bid=bid, ask=ask)) == kind


def test_the_assumed_spread_is_the_tables_or_a_share_of_the_price() -> None:
    assert spreads.assumed_spread("EURUSD", price=1.1, digits=5) == (0.00013, True)
    assert spreads.assumed_spread("EURSEK", price=11.0, digits=5) == (0.00165, False)
    assert spreads.assumed_spread("TINY", price=0.001, digits=3) == (float(Decimal("0.001")), False)
