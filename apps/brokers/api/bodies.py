"""What REST and sockets send of connections to venues."""

from collections.abc import Collection
from typing import Any

from apps.brokers import overview
from apps.brokers.overview import ConnectionGlance
from apps.edges.shapes import instant

Body = dict[str, Any]


def connection_bodies(accounts: Collection[str] | None = None) -> list[Body]:
    """Return every connection, or those of these accounts, as the gateway last saw them."""
    found = overview.connections()
    return [_connection(glance) for glance in found if accounts is None or glance.account in accounts]


def _connection(glance: ConnectionGlance) -> Body:
    return {
        "slug": glance.slug,
        "account": glance.account,
        "venue": glance.venue,
        "state": glance.state if glance.enabled else "disabled",
        "state_since": instant(glance.state_since_at),
        "latency_ms": glance.latency_ms,
        "last_error": glance.last_error,
        "changeable": list(glance.amend),
    }
