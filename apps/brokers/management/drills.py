"""Campaigns against a running desk on the simulated venue: kill its processes, shake its market, and look.

A drill changes the run it is played on. It reads what the supervisor writes of its processes and what the
doors tell; the venue's own log is the judge.
"""

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, connection

from apps.brokers import verification
from apps.marketdata import clock, instruments, quotes
from apps.marketdata.errors import MarketDataError
from apps.portfolio import books
from apps.risk import breakers
from apps.risk.domain.breaker import BreakerLevel

T = TypeVar("T")
PROCESSES = ("web", "worker", "beat", "gateway", "venue", "valkey", "postgres", "questdb", "trainer")
LOOK_EVERY_S = 0.1
GIVE_UP_AFTER_S = 180.0
HALT_WATCHED_S = 10.0  # how long a halt is watched for an order that slips past it


class DrillError(Exception):
    """The drill cannot go on; the line says what it waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """How the desk came back from one kill. Times are seconds of wall time after the kill."""

    process: str
    restarted_s: float
    traded_s: float
    differences: tuple[str, ...]
    open_doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How the breaker answered one shock. `flat_s` is None where positions were not to be closed.

    `entries` counts what was permitted to add risk since the level was reached.
    """

    level: BreakerLevel
    drawdown: Decimal
    raised_s: float
    flat_s: float | None
    entries: int


def kill(process: str) -> Recovery:
    """Kill one process with SIGKILL and wait until it is up again and another order has been filled."""
    pid = _pid(process)
    if pid is None:
        raise DrillError(f"{process} is not running: ./mtquant status shows why")
    last_event = max(
        (event.id for event in answered(books.events_after, 0, ("filled",), limit=10**9)), default=0
    )
    began = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    until(lambda: _pid(process, state="up") not in {None, pid}, f"{process} to be up again")
    restarted_s = time.monotonic() - began
    until(
        lambda: answered(books.events_after, last_event, ("filled",)), f"an order filled after {process} died"
    )
    traded_s = time.monotonic() - began
    found = answered(verification.compare, log_path=settings.MTQ_VENUE_LOG)
    return Recovery(
        process=process,
        restarted_s=restarted_s,
        traded_s=traded_s,
        differences=found.differences,
        open_doubts=found.open_doubts,
    )


def is_awaited(process: str) -> bool:
    """Tell whether the supervisor has not begun it yet, as the trainer before its packages are installed."""
    return bool(_state(process)["state"] == "waiting")


def shock_for(account: str, share: Decimal) -> dict[str, str]:
    """Return the moves that cost the account this share of its breaker's loss base, by net position.

    Every instrument moves by the same part against the account's position. Raise DrillError when flat.
    """
    book, specs = books.load(account), instruments.specs()
    held = [name for name, holding in book.holdings.items() if holding.quantity]
    state = breakers.state(f"account:{account}")
    marks = quotes.fresh(specs, now=clock.desk_now())
    if not held or state.high_water_mark is None:
        raise DrillError("the account holds nothing yet: let the agents trade first")
    values = {name: book.position_value(name, marks, specs) for name in held}
    wanted = state.high_water_mark * share - (state.high_water_mark - book.equity(marks, specs))
    part = wanted / sum(abs(value) for value in values.values())
    return {name: f"{-part * 100 if value > 0 else part * 100:+.4f}%" for name, value in values.items()}


def watch_breaker(account: str, level: BreakerLevel) -> Answer:
    """Wait until the account's breaker stands at `level`, and on HALTED until nothing is held."""
    began = time.monotonic()
    scope = f"account:{account}"
    until(lambda: answered(breakers.state, scope).level >= level, f"the breaker to reach {level.name}")
    raised_s = time.monotonic() - began
    state = breakers.state(scope)
    flat_s = None
    if level is BreakerLevel.HALTED:
        until(
            lambda: not any(h.quantity for h in books.load(account).holdings.values()),
            "every position closed",
        )
        flat_s = time.monotonic() - began
        time.sleep(HALT_WATCHED_S)
    return Answer(
        level=state.level,
        drawdown=state.drawdown,
        raised_s=raised_s,
        flat_s=flat_s,
        entries=_entries_since(scope),
    )


def _entries_since(scope: str) -> int:
    """Count entries permitted after the newest breaker event of a scope."""
    changed_at = max(event.created_at for event in breakers.events_after(0) if event.scope == scope)
    approved = [
        event for event in books.events_after(0, ("approved",), limit=10**9) if event.created_at > changed_at
    ]
    return sum(books.order(event.client_order_id).is_entry for event in approved)


def until(holds: Callable[[], object], what: str) -> None:
    """Look until something holds. Raise DrillError naming it when it does not within three minutes."""
    give_up_at = time.monotonic() + GIVE_UP_AFTER_S
    while not holds():
        if time.monotonic() > give_up_at:
            raise DrillError(f"waited {GIVE_UP_AFTER_S:.0f} s in vain for {what}")
        time.sleep(LOOK_EVERY_S)


def answered(read: Callable[..., T], *args: object, **kwargs: object) -> T:
    """Read although a server may just be coming back."""
    give_up_at = time.monotonic() + GIVE_UP_AFTER_S
    while True:
        try:
            return read(*args, **kwargs)
        except (DatabaseError, MarketDataError):
            connection.close()
            if time.monotonic() > give_up_at:
                raise
            time.sleep(LOOK_EVERY_S)


def _pid(process: str, *, state: str | None = None) -> int | None:
    seen = _state(process)
    if state is not None and seen["state"] != state:
        return None
    pid: int | None = seen["pid"]
    return pid


def _state(process: str) -> dict[str, Any]:
    path = Path(settings.MTQ_VAR) / "run" / f"{process}.json"
    try:
        seen: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        raise DrillError(f"no desk runs {process} here: start one with ./mtquant up --detach") from None
    return seen
