"""How long a covariance is good for: until an hour into the session after the next daily close."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from apps.marketdata.domain import sessions
from apps.marketdata.domain.sessions import SessionRule
from apps.risk.domain.metrics.returns import closes_at

GRACE = timedelta(hours=1)
LONGEST_PAUSE_DAYS = 7


def valid_until(as_of: date, rules: Iterable[SessionRule]) -> datetime:
    """Return the moment of desk time from which on a covariance up to the close of `as_of` is stale.

    It is one hour of session time after the next daily close, of the market that gets there first.
    """
    return min(_one_hour_after(_next_close(as_of, rule), rule) for rule in set(rules)).astimezone(UTC)


def _next_close(as_of: date, rule: SessionRule) -> datetime:
    for days in range(1, LONGEST_PAUSE_DAYS):
        first, last = closes_at(as_of + timedelta(days=days - 1)), closes_at(as_of + timedelta(days=days))
        if not sessions.closed_throughout(rule, first=first, last=last):
            return last
    raise AssertionError("a market trades within a week")


def _one_hour_after(moment: datetime, rule: SessionRule) -> datetime:
    # Sessions last longer than an hour from their opening on, so the hour is not cut in two.
    return sessions.next_open(rule, at=moment) + GRACE
