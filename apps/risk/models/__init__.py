"""Rows of what risk permits, measures and decides. Only this app writes them."""

from apps.risk.models.breakers import Alert, BreakerEvent, BreakerState, WatchMark
from apps.risk.models.changes import ChangeRequest
from apps.risk.models.limits import RiskLimit
from apps.risk.models.measures import Covariance, RiskGauge, RiskSnapshot
from apps.risk.models.permissions import (
    InstrumentClass,
    InstrumentPermission,
    MessageBucket,
    RestrictedInstrument,
)
from apps.risk.models.reviews import RiskReview
from apps.risk.models.sizing import SizingRule

__all__ = [
    "Alert",
    "BreakerEvent",
    "BreakerState",
    "ChangeRequest",
    "Covariance",
    "InstrumentClass",
    "InstrumentPermission",
    "MessageBucket",
    "RestrictedInstrument",
    "RiskGauge",
    "RiskLimit",
    "RiskReview",
    "RiskSnapshot",
    "SizingRule",
    "WatchMark",
]
