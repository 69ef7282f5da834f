"""The venue is the truth: orders, executions, positions and cash are read again and again, and booked here.

`passes` compares and books; `doubts` asks about orders whose answer was lost. A failed question is
"no information", never "flat", and a second pass over the same facts changes nothing.
"""

from apps.brokers.reconciliation.doubts import Doubts
from apps.brokers.reconciliation.passes import Watch, reconcile

__all__ = ["Doubts", "Watch", "reconcile"]
