"""Connections to venues as rows: which there are, their symbols, their health, and which gateway may send.

Sessions are opened by `connections.opening`, which the gateway alone imports.
"""

from apps.brokers.adapters.base import (
    BrokerAdapter,
    Capabilities,
    FeedSink,
    MarketFeed,
    SessionListener,
    VenueOrder,
    VenuePosition,
)
from apps.brokers.connections.fences import renew_fence, take_fence
from apps.brokers.connections.health import record_state, seed_paper_connection
from apps.brokers.connections.reading import ConnectionView, base_timeframe, enabled, symbols

__all__ = [
    "BrokerAdapter",
    "Capabilities",
    "ConnectionView",
    "FeedSink",
    "MarketFeed",
    "SessionListener",
    "VenueOrder",
    "VenuePosition",
    "base_timeframe",
    "enabled",
    "record_state",
    "renew_fence",
    "seed_paper_connection",
    "symbols",
    "take_fence",
]
