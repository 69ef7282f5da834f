"""What pages show of venues at a glance."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from apps.brokers.models import BrokerConnection, ConnectionCheck, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionGlance:
    """One connection as the gateway last saw it. `state_since_at` is wall time."""

    pk: int
    slug: str
    venue: str
    account: str
    environment: str
    enabled: bool
    accepts_orders: bool
    state: str
    quotes_state: str
    state_since_at: datetime | None
    latency_ms: float | None
    last_error: str
    amend: tuple[str, ...] = ()  # what of a resting order the venue can change


def connections() -> list[ConnectionGlance]:
    """Return every connection, switched off ones too, with the state of both its sessions."""
    quotes = ConnectionCheck.objects.filter(connection=OuterRef("pk"), role=Role.QUOTES).order_by("-id")
    rows = BrokerConnection.objects.select_related("account").annotate(
        quotes_state=Subquery(quotes.values("state")[:1])
    )
    return [
        ConnectionGlance(
            pk=row.pk,
            slug=row.slug,
            venue=row.venue,
            account=row.account.slug,
            environment=row.environment,
            enabled=row.enabled,
            accepts_orders=row.accepts_orders,
            state=row.state,
            quotes_state=row.quotes_state or "down",
            state_since_at=row.state_since_at,
            latency_ms=row.latency_ms,
            last_error=row.last_error,
            amend=tuple(sorted(row.capabilities.get("amend", ()))),
        )
        for row in rows
    ]
