"""Pages of orders, holdings, money and audit. All are facts: nobody changes them here."""

from apps.portfolio.admin import holdings, orders, trail

__all__ = ["holdings", "orders", "trail"]
