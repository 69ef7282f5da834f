"""When an instrument trades, by New York's wall clock, never by fixed offsets from UTC.

The week opens on Sunday and closes on Friday at 17:00 New York; metals also pause daily from 17:00 to 18:00.
"""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from apps.marketdata.domain.bar import Timeframe

NEW_YORK = ZoneInfo("America/New_York")
DAY_ROLL = timedelta(hours=7)  # 17:00 New York is midnight seven hours later
_ROLL = time(17)
_REOPEN = time(18)
_MONDAY, _FRIDAY, _SATURDAY, _SUNDAY = 0, 4, 5, 6
_METALS = frozenset({"XAU", "XAG", "XPT", "XPD"})


class SessionRule(StrEnum):
    FX = "fx"
    METAL = "metal"
    ALWAYS = "always"


def trading_day(now: datetime) -> date:
    """Return the day that began at the last 17:00 in New York, named by the date on which it ends."""
    return (now.astimezone(NEW_YORK).replace(tzinfo=UTC) + DAY_ROLL).date()


def rule_for(*, base_currency: str) -> SessionRule:
    """Return the rule that a newly registered instrument starts with; staff may change it."""
    return SessionRule.METAL if base_currency in _METALS else SessionRule.FX


def is_open(rule: SessionRule, *, at: datetime) -> bool:
    if rule is SessionRule.ALWAYS:
        return True
    local = at.astimezone(NEW_YORK)
    opens_at = _REOPEN if rule is SessionRule.METAL else _ROLL
    weekday, clock = local.weekday(), local.time()
    if weekday == _SATURDAY:
        return False
    if weekday == _SUNDAY:
        return clock >= opens_at
    if weekday == _FRIDAY:
        return clock < _ROLL
    return rule is SessionRule.FX or clock < _ROLL or clock >= opens_at


def next_close(rule: SessionRule, *, at: datetime) -> datetime | None:
    """Return when the session that is open at `at` ends. None where it never ends or is not open."""
    if rule is SessionRule.ALWAYS or not is_open(rule, at=at):
        return None
    local = at.astimezone(NEW_YORK)
    if rule is SessionRule.METAL:
        days = 1 if local.time() >= _ROLL else 0
    else:
        days = (_FRIDAY - local.weekday()) % 7
    closes = datetime.combine(local.date() + timedelta(days=days), _ROLL, NEW_YORK)
    return closes.astimezone(UTC)


def next_open(rule: SessionRule, *, at: datetime) -> datetime:
    """Return the first moment from `at` on at which the instrument trades."""
    if is_open(rule, at=at):
        return at
    local = at.astimezone(NEW_YORK)
    opens_at = _REOPEN if rule is SessionRule.METAL else _ROLL
    for ahead in range(4):
        opens = datetime.combine(local.date() + timedelta(days=ahead), opens_at, NEW_YORK)
        if opens >= local and is_open(rule, at=opens):
            return opens.astimezone(UTC)
    raise AssertionError("a week always opens within four days")


def closed_throughout(rule: SessionRule, *, first: datetime, last: datetime) -> bool:
    """Tell whether no moment in [first, last) lies in a session."""
    return next_open(rule, at=first) >= last


def is_stale(rule: SessionRule, *, quote_at: datetime, stale_after: timedelta, now: datetime) -> bool:
    """Tell whether a price is too old. It does not age while its market is closed: nothing newer can come.

    At the first moment of the next session it is stale, until that session's own price is there.
    """
    limit = quote_at + stale_after
    return now > limit and not closed_throughout(rule, first=limit, last=now)


def bucket_open(timeframe: Timeframe, at: datetime) -> datetime:
    """Return the open of the bar that `at` falls into.

    A day opens 17:00 New York, 4h bars at 17, 21, 1, 5, 9, 13.
    """
    if timeframe.minutes <= Timeframe.H1.minutes:
        step_s = timeframe.minutes * 60
        return datetime.fromtimestamp(at.timestamp() // step_s * step_s, UTC)
    local = at.astimezone(NEW_YORK).replace(tzinfo=None)
    since_roll = timedelta(hours=(local.hour - 17) % 24, minutes=local.minute, seconds=local.second)
    since_roll += timedelta(microseconds=local.microsecond)
    opened = local - since_roll % timeframe.length
    # Of two equal wall times in the night of 25 hours the first opens the bar, which lasts an hour longer.
    return opened.replace(tzinfo=NEW_YORK).astimezone(UTC)
