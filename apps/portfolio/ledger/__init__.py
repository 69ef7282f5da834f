"""The only writer of orders, reservations, fills, positions and cash.

Every change is a conditional update with its event and its audit entry in the same transaction.
"""

from apps.portfolio.ledger.accounts import (
    block_entries,
    open_account,
    set_pack,
    told_equity,
    unblock_entries,
)
from apps.portfolio.ledger.amending import (
    CHANGEABLE,
    amend_done,
    amend_not_sent,
    amend_refused,
    check_amendable,
    claim_amend,
    request_amend,
)
from apps.portfolio.ledger.booking import Applied, Booked, apply, book_external
from apps.portfolio.ledger.cancelling import cancel_local, cancel_refused, request_cancel
from apps.portfolio.ledger.opening import Draft, Place, ReservationTerms, draft, open_order
from apps.portfolio.ledger.reasons import keep_reason
from apps.portfolio.ledger.room import begin_snapshot, end_snapshot, forget_caps, rebase_all
from apps.portfolio.ledger.sending import (
    claim,
    expire,
    expire_overdue,
    mark_absent,
    mark_unknown,
    not_sent,
    release_lost_senders,
)

__all__ = [
    "CHANGEABLE",
    "Applied",
    "Booked",
    "Draft",
    "Place",
    "ReservationTerms",
    "amend_done",
    "amend_not_sent",
    "amend_refused",
    "apply",
    "begin_snapshot",
    "block_entries",
    "book_external",
    "cancel_local",
    "cancel_refused",
    "check_amendable",
    "claim",
    "claim_amend",
    "draft",
    "end_snapshot",
    "expire",
    "expire_overdue",
    "forget_caps",
    "keep_reason",
    "mark_absent",
    "mark_unknown",
    "not_sent",
    "open_account",
    "open_order",
    "rebase_all",
    "release_lost_senders",
    "request_amend",
    "request_cancel",
    "set_pack",
    "told_equity",
    "unblock_entries",
]
