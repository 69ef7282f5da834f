"""What risk measures of every scope on a beat: figures that limits use, figures for pages, the covariance."""

from apps.risk.gauges import ScopeRisk, latest
from apps.risk.snapshots.estimating import estimate
from apps.risk.snapshots.measuring import measure

__all__ = ["ScopeRisk", "estimate", "latest", "measure"]
