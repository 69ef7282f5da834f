"""Daily log returns of every factor on the days that all of them have."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from apps.marketdata.domain import sessions
from apps.marketdata.domain.instrument import InstrumentSpec
from apps.marketdata.domain.sessions import NEW_YORK, SessionRule
from apps.portfolio.domain.use import is_pair
from apps.risk.domain.metrics.exposure import currency, instrument
from apps.risk.errors import NoCovariance

FEWEST_DAYS = 60
COVARIANCE_DAYS = 250
KEPT_DAYS = 500
PIVOT = "USD"

Closes = Mapping[date, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Returns:
    """`values` is (days, factors) float64, oldest first: log of a close over the close of the day before."""

    factors: tuple[str, ...]
    days: tuple[date, ...]
    values: NDArray[np.float64]


def series(
    closes: Mapping[str, Closes], specs: Mapping[str, InstrumentSpec], base: str
) -> dict[str, dict[date, float]]:
    """Return the log price of each factor by day, from mid closes by instrument and day.

    A currency is priced in `base`: directly, else inversely, else by one cross through USD. One that has no
    such rate on a day, or a price that is not positive, has no value there.
    """
    logs = {name: _logs(found) for name, found in closes.items() if name in specs}
    found = {currency(code): _rate(code, base, logs) for code in _currencies(logs, specs, base)}
    found |= {instrument(name): logs[name] for name in sorted(logs) if not is_pair(specs[name])}
    return {factor: values for factor, values in found.items() if values}


def wanted(names: Iterable[str], specs: Mapping[str, InstrumentSpec], base: str) -> set[str]:
    """Return the factors that positions in these instruments could be exposed to."""
    known = [name for name in names if name in specs]
    whole = {instrument(name) for name in known if not is_pair(specs[name])}
    return whole | {currency(code) for code in _currencies(known, specs, base)}


def _currencies(names: Iterable[str], specs: Mapping[str, InstrumentSpec], base: str) -> list[str]:
    """Return the currencies that a book can be exposed to: both of a pair, the quote one of anything else."""
    found = {specs[name].quote_currency for name in names}
    return sorted((found | {specs[name].base_currency for name in names if is_pair(specs[name])}) - {base})


def common(found: Mapping[str, Closes], rules: Iterable[SessionRule]) -> Returns:
    """Return at most 500 returns on the days that every factor has. Raise NoCovariance under 60 days.

    Days on which a market is closed by its rule are no days for anybody; on any other day one missing close
    leaves out the two returns that it touches, for all. A factor with under 60 returns of its own within the
    last 250 days, or without the newest close, is left out itself: whoever is exposed to it gets no sigma.
    """
    kinds = set(rules)
    days = [
        day for day in sorted({day for values in found.values() for day in values}) if _trades(day, kinds)
    ]
    days = days[-(KEPT_DAYS + 1) :]
    moves = {factor: np.diff([values.get(day, np.nan) for day in days]) for factor, values in found.items()}
    factors = tuple(factor for factor, changes in sorted(moves.items()) if _is_known(changes))
    if not factors:
        raise NoCovariance(f"no price has {FEWEST_DAYS} daily closes up to the newest one")
    values = np.column_stack([moves[factor] for factor in factors])
    whole = np.isfinite(values).all(axis=1)
    if whole.sum() < FEWEST_DAYS:
        raise NoCovariance(f"only {whole.sum()} days have a close of every factor, {FEWEST_DAYS} are needed")
    kept = tuple(day for day, good in zip(days[1:], whole, strict=True) if good)
    return Returns(factors=factors, days=kept, values=values[whole])


def day_of(opened_at: datetime) -> date:
    """Name the trading day of a bar by the date on which it ends: 17:00 New York begins the next one."""
    local = opened_at.astimezone(NEW_YORK).replace(tzinfo=None)
    return (local + timedelta(hours=7)).date()


def closes_at(day: date) -> datetime:
    """Return 17:00 New York of a day."""
    return datetime(day.year, day.month, day.day, 17, tzinfo=NEW_YORK)


def last_day(closed_at: datetime, rules: Iterable[SessionRule]) -> date:
    """Return the newest trading day that had ended at an instant."""
    kinds = set(rules)
    day = day_of(closed_at) - timedelta(days=1)
    while not _trades(day, kinds):
        day -= timedelta(days=1)
    return day


def _trades(day: date, rules: Iterable[SessionRule]) -> bool:
    first, last = closes_at(day - timedelta(days=1)), closes_at(day)
    return not any(sessions.closed_throughout(rule, first=first, last=last) for rule in rules)


def _is_known(changes: NDArray[np.float64]) -> bool:
    lately = np.isfinite(changes[-COVARIANCE_DAYS:])
    return bool(len(lately) and lately[-1] and lately.sum() >= FEWEST_DAYS)


def _logs(closes: Closes) -> dict[date, float]:
    return {day: float(np.log(close)) for day, close in closes.items() if np.isfinite(close) and close > 0}


def _rate(code: str, base: str, logs: Mapping[str, Closes]) -> dict[date, float]:
    """Return the log of one unit of a currency in the base currency, as `convert` would find it."""
    direct = _one_step(code, base, logs)
    if direct or PIVOT in {code, base}:
        return direct
    here, there = _one_step(code, PIVOT, logs), _one_step(PIVOT, base, logs)
    return {day: here[day] + there[day] for day in here.keys() & there.keys()}


def _one_step(code: str, base: str, logs: Mapping[str, Closes]) -> dict[date, float]:
    if code + base in logs:
        return dict(logs[code + base])
    return {day: -value for day, value in logs.get(base + code, {}).items()}
