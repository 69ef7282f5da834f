"""When instruments trade."""

from datetime import datetime
from functools import lru_cache

from django.conf import settings

from apps.marketdata import clock, instruments
from apps.marketdata.domain import maintenance, sessions
from apps.marketdata.domain.maintenance import Window


def is_open(instrument: str, *, at: datetime) -> bool:
    """Tell whether it trades at `at` (desk time): in session, outside of the venue's maintenance.

    After the end of a replay nothing does. Raise UnknownInstrument.
    """
    rule = instruments.session_rule(instrument)
    if _replay_ended() or not sessions.is_open(rule, at=at):
        return False
    return not any(window.covers(at) for window in _maintenance(settings.MTQ_MAINTENANCE))


def minutes_to_close(instrument: str, *, at: datetime) -> float | None:
    """Return minutes until its session ends or maintenance begins; None where neither comes or it is closed.

    Raise UnknownInstrument.
    """
    if not is_open(instrument, at=at):
        return None
    ends = [window.next_start(at) for window in _maintenance(settings.MTQ_MAINTENANCE)]
    closes = sessions.next_close(instruments.session_rule(instrument), at=at)
    if closes is not None:
        ends.append(closes)
    return (min(ends) - at).total_seconds() / 60 if ends else None


@lru_cache(maxsize=8)
def _maintenance(text: str) -> tuple[Window, ...]:
    return maintenance.parse(text)


def _replay_ended() -> bool:
    anchored = clock.anchor()
    return anchored is not None and anchored.ended
