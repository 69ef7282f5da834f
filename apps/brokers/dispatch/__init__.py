"""Sends approved orders: claimed and committed as SENDING, past the last gate, then once to the venue.

Nothing is ever sent twice. Proof that no byte left gives the order back, a listed refusal ends it, and
everything else that is not an answer is doubt: UNKNOWN, and `reconciliation` asks the venue about it. A
change of a resting order goes the same way, and is REPLACE_PENDING until its answer is known.
"""

from apps.brokers.dispatch.changing import amend, cancel
from apps.brokers.dispatch.sending import Sender, fail_point, refusal, send
from apps.brokers.dispatch.storing import (
    as_sent,
    asked_since,
    book,
    book_external,
    judge,
    off_loop,
    stored,
)

__all__ = [
    "Sender",
    "amend",
    "as_sent",
    "asked_since",
    "book",
    "book_external",
    "cancel",
    "fail_point",
    "judge",
    "off_loop",
    "refusal",
    "send",
    "stored",
]
