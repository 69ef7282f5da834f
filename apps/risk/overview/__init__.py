"""What pages show of risk at a glance: breakers, alerts, limits with their use, denials by check."""

from apps.risk.overview.denials import Denial, Denials, beyond, by_check, denied, each
from apps.risk.overview.glances import BreakerGlance, breakers, open_alerts
from apps.risk.overview.headroom import Headroom, headroom
from apps.risk.overview.measured import Exposure, Measured, measured
from apps.risk.overview.names import check_name, metric_name, scope_name, source_name

__all__ = [
    "BreakerGlance",
    "Denial",
    "Denials",
    "Exposure",
    "Headroom",
    "Measured",
    "beyond",
    "breakers",
    "by_check",
    "check_name",
    "denied",
    "each",
    "headroom",
    "measured",
    "metric_name",
    "open_alerts",
    "scope_name",
    "source_name",
]
