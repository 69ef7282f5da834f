"""The circuit breakers of desk, accounts and agents: evaluate, trip, reset.

The account's own loss is evaluated by itself; desk and agents are tripped by people and by causes.
"""

from apps.risk.breakers.evaluating import evaluate
from apps.risk.breakers.moving import reset, trip
from apps.risk.breakers.reading import BreakerEventView, BreakerView, events_after, state, states

__all__ = [
    "BreakerEventView",
    "BreakerView",
    "evaluate",
    "events_after",
    "reset",
    "state",
    "states",
    "trip",
]
