"""What a policy's closed trades say of its edge, at most a minute old."""

import threading
import time

from apps.portfolio.books.closed import closed_trips
from apps.portfolio.domain.order import OrderRequest
from apps.risk.domain.sizing import LAST, TradeStatistics, statistics

KEPT_S = 60.0
MOST = 1024  # policies and instruments that are remembered

Key = tuple[str, str, str]

_lock = threading.Lock()
_held: dict[Key, tuple[float, TradeStatistics]] = {}


def statistics_of(request: OrderRequest) -> TradeStatistics:
    """Return the statistics of the request's policy in its instrument; of the source where it follows none.

    Trades of paper accounts count for paper accounts only, those of live accounts for live ones.
    """
    key = (request.account, request.policy or request.source, request.instrument)
    with _lock:
        until, found = _held.get(key, (0.0, None))
    if found is not None and time.monotonic() < until:
        return found
    found = _read(request)
    with _lock:
        if len(_held) >= MOST:
            _held.clear()
        _held[key] = (time.monotonic() + KEPT_S, found)
    return found


def forget() -> None:
    """Read again next time."""
    with _lock:
        _held.clear()


def _read(request: OrderRequest) -> TradeStatistics:
    trips = closed_trips(
        account=request.account,
        source=request.source,
        instrument=request.instrument,
        policy=request.policy,
        last=LAST,
    )
    return statistics(trips.returns, is_paper=trips.is_paper)
