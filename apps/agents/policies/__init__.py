"""Fetches policies by version, refuses one that is not what its hash says, and asks them. No torch here."""

from apps.agents.policies.acting import Answer, Asked, act
from apps.agents.policies.files import fetch, read, store, store_text
from apps.agents.policies.loading import LearnedPolicy, RulePolicy, load
from apps.agents.policies.publishing import content_hash, publish, publish_learned

__all__ = [
    "Answer",
    "Asked",
    "LearnedPolicy",
    "RulePolicy",
    "act",
    "content_hash",
    "fetch",
    "load",
    "publish",
    "publish_learned",
    "read",
    "store",
    "store_text",
]
