"""What pages show of risk at a glance: breakers, alerts, limits with their use, denials by check."""

from apps.risk.overview.glances import BreakerGlance, breakers, open_alerts
from apps.risk.overview.headroom import Headroom, headroom

__all__ = ["BreakerGlance", "Headroom", "breakers", "headroom", "open_alerts"]
