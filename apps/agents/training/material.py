"""What a training learns from and is judged on: two periods of one market, and the terms it trades on there.

Numpy only: the libraries that learn are not imported here.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

import numpy as np

from apps.agents.errors import NotAllowed, TooLittleData
from apps.agents.learning import market as markets
from apps.agents.learning.market import Caps, Terms, TrainingMarket
from apps.agents.training import replay
from apps.agents.training.setting import conversion_for, losses_of, spread_source, standing_caps
from apps.marketdata import history, instruments
from apps.marketdata.domain.arrays import from_us, select, to_datetime64
from apps.marketdata.domain.bar import BarWindow, Timeframe
from apps.marketdata.domain.features import FEATURE_SETS, FeatureSet
from apps.marketdata.errors import NoHistory
from apps.portfolio import overview
from apps.risk.review.measures import sizing_rule

TRAIN_SHARE = 0.7
# Terms that runs were made under before there was a name for them.
BEFORE = {"drawdown_scaling": "0.0"}
FEWEST_ROWS = 500  # in each of the two periods, beside what only looks back


class Subject(Protocol):
    """What is trained or judged: an agent with its periods, None where they are to be chosen."""

    @property
    def agent(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def instrument(self) -> str: ...
    @property
    def timeframe(self) -> str: ...
    @property
    def max_lots(self) -> Decimal: ...
    @property
    def stop_atr(self) -> Decimal: ...
    @property
    def train_from(self) -> datetime | None: ...
    @property
    def train_to(self) -> datetime | None: ...
    @property
    def eval_from(self) -> datetime | None: ...
    @property
    def eval_to(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """Half-open, desk time. Between the two lies a purge: no bar of one is in the other's look-back."""

    train_from: datetime
    train_to: datetime
    eval_from: datetime
    eval_to: datetime

    @property
    def train_days(self) -> float:
        return (self.train_to - self.train_from).total_seconds() / 86_400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Material:
    periods: Periods
    train: TrainingMarket
    test: TrainingMarket
    terms: Terms


def gather(
    subject: Subject, *, feature_set: str, holding: int, told_terms: Mapping[str, str] | None
) -> Material:
    """Fetch both periods and the terms. `holding` is how many bars a decision looks ahead.

    On a replay nothing touches the stretch that is kept for a locked test (`replay`). `told_terms` are those
    of an earlier run that this one repeats. Raise TooLittleData, HardFaults, NotAllowed, UnknownInstrument,
    StoreUnavailable.
    """
    seen = FEATURE_SETS.get(feature_set)
    if seen is None:
        raise NotAllowed(f"there is no feature set {feature_set}: there are {', '.join(FEATURE_SETS)}")
    named = (subject.train_from, subject.train_to, subject.eval_from, subject.eval_to)
    window = replay.readable(_window(subject), named)
    purge = max(seen.warmup, holding)
    periods = choose(window, subject, purge=purge, warmup=seen.warmup)
    terms = terms_from(told_terms) if told_terms else terms_of(subject)
    return Material(
        periods=periods,
        train=market_of(subject, window, seen, first=periods.train_from, last=periods.train_to),
        test=market_of(subject, window, seen, first=periods.eval_from, last=periods.eval_to),
        terms=terms,
    )


def choose(window: BarWindow, subject: Subject, *, purge: int, warmup: int) -> Periods:
    """Fill in the periods that nobody named: the first 70 % to learn from, the last 30 % to be judged on.

    `purge` bars at the end of the training are left out where it would touch the evaluation. Raise
    TooLittleData, and NotAllowed for named periods that overlap.
    """
    first = max(warmup, _row(window, subject.train_from))
    usable = len(window) - first - purge
    if usable < 2 * FEWEST_ROWS:
        raise _too_little(window, needed=2 * FEWEST_ROWS + first + purge)
    if subject.eval_from:
        judged = _row(window, subject.eval_from)
    elif subject.train_to:
        judged = _row(window, subject.train_to) + purge
    else:
        judged = first + min(int(usable * TRAIN_SHARE), usable - FEWEST_ROWS) + purge
    learned = _at(window, max(0, judged - purge))
    found = Periods(
        train_from=subject.train_from or _at(window, first),
        train_to=min(subject.train_to or learned, learned),
        eval_from=subject.eval_from or _at(window, judged),
        eval_to=min(subject.eval_to or window.last_close_at, window.last_close_at),
    )
    if not found.train_from < found.train_to <= found.eval_from < found.eval_to:
        raise NotAllowed(
            f"the training ({found.train_from:%Y-%m-%d %H:%M} to {found.train_to:%Y-%m-%d %H:%M}) must have"
            f" a length and lie before the evaluation (from {found.eval_from:%Y-%m-%d %H:%M})"
        )
    return found


def _too_little(window: BarWindow, *, needed: int) -> TooLittleData:
    text = f"{window.instrument} has {len(window):,} bars of {window.timeframe}, {needed:,} are needed"
    return TooLittleData(text, needed=needed, there=len(window))


def market_of(
    subject: Subject, window: BarWindow, seen: FeatureSet, *, first: datetime, last: datetime
) -> TrainingMarket:
    """Make the market of [first, last); bars before it only look back.

    `window` begins with the instrument's first bar. Raise TooLittleData, HardFaults, and NotAllowed for
    what a replay keeps for a locked test.
    """
    replay.refuse(window, first=first, last=last)
    spec = instruments.spec(subject.instrument)
    currency = _currency(subject.account)
    part = select(window, window.open_at < to_datetime64(last))
    return markets.build(
        part,
        feature_set=seen,
        conversion=conversion_for(spec, currency=currency, like=part),
        account_currency=currency,
        spec=spec,
        since=first,
        fewest=FEWEST_ROWS,
        spread_label=spread_source(subject.instrument),
    )


def terms_of(subject: Subject) -> Terms:
    """Return what risk allows this agent now and what the venue takes, at the account's present equity.

    Raise NotAllowed where risk has no rule for it, or the account no money.
    """
    source = f"agent:{subject.agent}"
    spec = instruments.spec(subject.instrument)
    rule = sizing_rule(source)
    if rule is None:
        raise NotAllowed(f"risk has no sizing rule for {source}")
    equity = _equity(subject.account)
    caps: Caps = standing_caps(subject.account, source, instrument=subject.instrument, equity=equity)
    return markets.terms_for(
        spec,
        max_lots=subject.max_lots,
        stop_atr=subject.stop_atr,
        start_equity=equity,
        rule=rule,
        caps=caps,
        losses=losses_of(subject.account, source, instrument=subject.instrument),
    )


def terms_as_json(terms: Terms) -> dict[str, str]:
    """Write terms as text, exactly: JSON has neither NaN nor infinity."""
    return {name: value if isinstance(value, str) else repr(value) for name, value in asdict(terms).items()}


def terms_from(told: Mapping[str, str]) -> Terms:
    """Read terms as they were written. Raise NotAllowed when they are those of another release."""
    names, told = {field.name for field in fields(Terms)}, {**BEFORE, **told}
    if names != set(told):
        raise NotAllowed("the earlier run was made under other terms: start a new training")
    values: dict[str, Any] = {
        name: value if name == "cost_version" else float(value) for name, value in told.items()
    }
    return Terms(**values)


def _window(subject: Subject) -> BarWindow:
    timeframe = Timeframe(subject.timeframe)
    try:
        return history.stretch(subject.instrument, timeframe, first=None, last=subject.eval_to)
    except NoHistory as error:
        raise TooLittleData(str(error), needed=2 * FEWEST_ROWS, there=0) from error


def _row(window: BarWindow, at: datetime | None) -> int:
    """Return the first row that opens at `at` or later."""
    return 0 if at is None else int(np.searchsorted(window.open_at, to_datetime64(at)))


def _at(window: BarWindow, row: int) -> datetime:
    """Return the open of a row; that of the newest bar where the row lies behind it."""
    opened = window.open_at[min(row, len(window) - 1)].astype("datetime64[us]")
    return from_us(int(opened.astype(np.int64)))


def _equity(account: str) -> Decimal:
    for glance in overview.accounts():
        if glance.slug == account and (money := glance.equity or glance.cash) > 0:
            return money
    raise NotAllowed(f"the account {account} has no money to train with: wait for its first deposit")


def _currency(account: str) -> str:
    for glance in overview.accounts():
        if glance.slug == account:
            return glance.currency
    raise NotAllowed(f"there is no account {account}")
