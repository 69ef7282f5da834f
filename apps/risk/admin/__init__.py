"""Pages of risk: breakers, limits, approvals, reviews and alerts. Their actions call one door each."""

from apps.risk.admin import alerts, approvals, breakers, limits, permissions, reviews, sizing

__all__ = ["alerts", "approvals", "breakers", "limits", "permissions", "reviews", "sizing"]
