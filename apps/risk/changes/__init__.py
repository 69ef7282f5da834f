"""Changes of limits and sizing rules: a row ends, the next version begins, and a tighter one acts at once.

Four eyes come later: today one person with the right and a reason may loosen a limit as well.
"""

from apps.risk.changes.limits import guard_of, set_limit
from apps.risk.changes.seeding import seed_agent_sizing, seed_paper_limits
from apps.risk.changes.sizing import set_sizing

__all__ = ["guard_of", "seed_agent_sizing", "seed_paper_limits", "set_limit", "set_sizing"]
