"""A feature knows the past only, and only as much of it as it declares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.marketdata.domain import features
from apps.marketdata.domain.arrays import select
from apps.marketdata.domain.features import COLUMNS, FEATURE_SETS
from apps.marketdata.errors import BadData
from tests.marketdata.samples import bars

CORE = FEATURE_SETS["core-1"]


def test_every_row_after_the_warm_up_is_finite_and_the_last_of_the_warm_up_is_not() -> None:
    computed = features.compute(bars(200), CORE)
    assert computed.shape == (200, len(CORE.columns))
    assert np.isfinite(computed[CORE.warmup :]).all()
    assert np.isnan(computed[CORE.warmup - 1]).any()


@pytest.mark.parametrize("name", CORE.columns)
def test_a_column_is_full_after_the_rows_it_declares(name: str) -> None:
    column = features.compute(bars(200), CORE)[:, CORE.columns.index(name)]
    assert np.isfinite(column[COLUMNS[name].rows :]).all()
    assert np.isnan(column[: COLUMNS[name].rows]).all()


@given(seed=st.integers(0, 10_000), length=st.integers(1, 260))
def test_the_future_changes_nothing(seed: int, length: int) -> None:
    window = bars(260, seed=seed)
    whole = features.compute(window, CORE)
    prefix = features.compute(select(window, slice(0, length)), CORE)
    assert prefix.tobytes() == whole[:length].tobytes()


@given(seed=st.integers(0, 10_000), extra=st.integers(1, 150))
def test_a_live_window_gives_what_the_whole_history_gave(seed: int, extra: int) -> None:
    window = bars(400, seed=seed)
    live = features.compute(window.tail(CORE.warmup + extra), CORE)
    assert live[CORE.warmup :].tobytes() == features.compute(window, CORE)[-extra:].tobytes()


@given(level=st.floats(1e-3, 1e5))
def test_flat_prices_give_neutral_values_not_nan(level: float) -> None:
    window = bars(120)
    for side in ("bid", "ask"):
        for part in ("open", "high", "low", "close"):
            getattr(window, f"{side}_{part}")[:] = level
    row = dict(zip(CORE.columns, features.compute(window, CORE)[-1], strict=True))
    assert row["rsi_14"] == 0.5
    assert row["stochastic_14"] == 0.5
    assert row["return_20"] == row["z_score_20"] == row["channel_20"] == row["macd_12_26"] == 0.0


def test_bars_without_an_ask_are_refused() -> None:
    window = bars(120)
    window.ask_close[5] = np.nan
    with pytest.raises(BadData, match="needs the ask"):
        features.compute(window, CORE)
