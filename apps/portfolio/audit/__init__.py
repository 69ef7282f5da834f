"""The audit chains: append in the transaction of the change itself, verify at any time.

There is one for each account, whose lock its writers hold, and one for the desk, under a lock of its own.
Each hour the desk's takes the head of every other, and its own head goes to a file outside the database: so
a chain that was cut or written anew, hashes and all, is seen.
"""

from apps.portfolio.audit.anchoring import Anchor, anchor
from apps.portfolio.audit.appending import DESK, Insert, News, append, append_all, chain_of
from apps.portfolio.audit.verifying import BadEntry, Report, chains, count, verify, verify_all, verify_chain

__all__ = [
    "DESK",
    "Anchor",
    "BadEntry",
    "Insert",
    "News",
    "Report",
    "anchor",
    "append",
    "append_all",
    "chain_of",
    "chains",
    "count",
    "verify",
    "verify_all",
    "verify_chain",
]
