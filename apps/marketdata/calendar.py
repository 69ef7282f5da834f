"""When instruments trade."""

from datetime import datetime

from apps.marketdata import clock, instruments
from apps.marketdata.domain import sessions


def is_open(instrument: str, *, at: datetime) -> bool:
    """Tell whether it trades at `at` (desk time); after the end of a replay nothing does.

    Raise UnknownInstrument.
    """
    rule = instruments.session_rule(instrument)
    return not _replay_ended() and sessions.is_open(rule, at=at)


def minutes_to_close(instrument: str, *, at: datetime) -> float | None:
    """Return minutes until its session ends; None where it never ends or is closed.

    Raise UnknownInstrument.
    """
    closes = sessions.next_close(instruments.session_rule(instrument), at=at)
    if closes is None or _replay_ended():
        return None
    return (closes - at).total_seconds() / 60


def _replay_ended() -> bool:
    anchored = clock.anchor()
    return anchored is not None and anchored.ended
