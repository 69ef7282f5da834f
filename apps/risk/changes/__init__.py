"""Changes of what orders are judged by. What is tighter acts at once; else a second person has to agree.

A request is bound to the hash of what is proposed. Its maker never approves it, and it expires by itself.
"""

from apps.risk.changes.guarding import guard_of
from apps.risk.changes.limit_kinds import payload_of
from apps.risk.changes.limits import set_limit
from apps.risk.changes.permissions import permit_instrument, restrict, withdraw_permission
from apps.risk.changes.requests import approve, find, look_after, propose, reject, scope_of, withdraw
from apps.risk.changes.seeding import seed_agent_sizing, seed_classes, seed_paper_limits
from apps.risk.changes.sizing import set_sizing

__all__ = [
    "approve",
    "find",
    "guard_of",
    "look_after",
    "payload_of",
    "permit_instrument",
    "propose",
    "reject",
    "restrict",
    "scope_of",
    "seed_agent_sizing",
    "seed_classes",
    "seed_paper_limits",
    "set_limit",
    "set_sizing",
    "withdraw",
    "withdraw_permission",
]
