"""Pages of risk: breakers, limits, reviews and alerts. Their actions call one door each."""

from apps.risk.admin import alerts, breakers, limits, reviews

__all__ = ["alerts", "breakers", "limits", "reviews"]
