"""Whether the desk has history enough to train on, and how much of it a demonstration takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from apps.agents.training import replay
from apps.agents.training.material import FEWEST_ROWS, TRAIN_SHARE
from apps.agents.training.setting import converts
from apps.marketdata import backfill, clock, history, instruments
from apps.marketdata.domain.arrays import from_us, to_datetime64
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.errors import NoHistory
from apps.portfolio import overview
from apps.portfolio.overview import AccountGlance

LOTS = Decimal("0.5")
FEWEST_BARS = 2 * FEWEST_ROWS + 200
DEPTH = timedelta(days=30)  # what the gateway fetches
YOUNG = timedelta(minutes=10)  # of wall time: such bars are on their way


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What there is of an instrument. `train_days` counts days with bars in the part that is learned from."""

    bars: int
    train_days: int
    complete: bool
    eval_to: datetime | None

    @property
    def enough(self) -> bool:
        return self.bars >= FEWEST_BARS


def look(instrument: str, timeframe: Timeframe) -> Ready:
    """Look at what is stored. It is complete once the gateway has nothing older to fetch.

    On a replay only the first part of its past counts, and never a bar of the locked stretch: a demonstration
    is the same whenever it begins. Raise HardFaults where the replay's manifest cannot be read.
    """
    try:
        window = history.stretch(instrument, timeframe, first=None, last=None)
    except NoHistory:
        return Ready(bars=0, train_days=0, complete=False, eval_to=None)
    bars, eval_to = len(window), None
    if locked := replay.locked_in(window):
        past, open_bars = (
            int(np.searchsorted(window.open_at, to_datetime64(at)))
            for at in (locked.last_at, locked.first_at)
        )
        bars = min(int(past * replay.READ_SHARE), open_bars)
        eval_to = from_us(int(window.open_at[bars].astype("datetime64[us]").astype(np.int64)))
    learned = window.open_at[: int(bars * TRAIN_SHARE)]
    return Ready(
        bars=bars,
        train_days=len(np.unique(learned.astype("datetime64[D]"))),
        complete=bars >= FEWEST_BARS and (is_replay() or _nothing_older(instrument, timeframe)),
        eval_to=eval_to,
    )


def account_with_money() -> AccountGlance | None:
    """Return the first account that has cash: the opening deposit has been booked."""
    return next((account for account in overview.accounts() if account.cash > 0), None)


def known(names: Sequence[str]) -> bool:
    """Tell whether the venue has told of all these instruments."""
    return set(names) <= set(instruments.specs())


def convertible(names: Sequence[str], *, currency: str) -> list[str]:
    """Return those that the desk knows and can count in the account's currency, in their order."""
    known = instruments.specs()
    return [name for name in names if name in known and converts(name, currency=currency)]


def is_replay() -> bool:
    return replay.manifest() is not None


def _nothing_older(instrument: str, timeframe: Timeframe) -> bool:
    now = clock.desk_now()
    left = backfill.missing(instrument=instrument, timeframe=timeframe, now=now, depth=DEPTH)
    return all(last > now - YOUNG * clock.speed() for _, last in left)
