"""Polls remember what they told: only what they returned."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from apps.marketdata import history
from apps.marketdata.api import bodies
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.errors import StoreUnavailable
from mtquant_site.sockets.polls import Bars
from tests.site.rows import DESK_AT

NAMES = ["bars:EURUSD:1m", "bars:GBPUSD:1m"]


def test_bars_that_were_read_before_the_store_went_away_are_told_at_the_next_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed = dict.fromkeys(("EURUSD", "GBPUSD"), DESK_AT)
    away = {"GBPUSD"}

    def read(instrument: str, _timeframe: Timeframe, *, limit: int) -> dict[str, Any]:
        if instrument in away:
            raise StoreUnavailable("away")
        return {"bars": [[minute] for minute in range(limit)]}

    monkeypatch.setattr(history, "closed_through", lambda timeframe: closed)
    monkeypatch.setattr(bodies, "bars_body", read)
    look: Callable[..., Any] = Bars().look
    with pytest.raises(StoreUnavailable):
        look(NAMES)
    away.clear()
    assert set(look(NAMES)) == set(NAMES)
    assert look(NAMES) == {}
    closed["EURUSD"] += timedelta(minutes=2)
    assert look(NAMES) == {"bars:EURUSD:1m": {"0": [0], "1": [1]}}
