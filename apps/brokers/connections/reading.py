"""Which connections there are, what they trade and how fine its bars are."""

import json
from dataclasses import dataclass

from django.conf import settings

from apps.brokers.domain.health import Health
from apps.brokers.models import BrokerConnection, SymbolMapping
from apps.marketdata.domain.bar import Timeframe

DEFAULT_QUIET_PERIOD_S = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionView:
    slug: str
    account: str
    venue: str
    environment: str
    state: Health
    accepts_orders: bool
    quiet_period_s: int
    amend: frozenset[str] = frozenset()  # what of a resting order the venue can change


def enabled() -> list[ConnectionView]:
    """List the connections that staff left switched on."""
    return [_view(row) for row in BrokerConnection.objects.filter(enabled=True)]


def symbols(slug: str) -> dict[str, str]:
    """Map instrument to venue symbol, confirmed ones only."""
    rows = SymbolMapping.objects.filter(connection__slug=slug, confirmed=True)
    return dict(rows.values_list("instrument", "symbol"))


def base_timeframe() -> Timeframe:
    """Return the finest timeframe that the venue's bars have: that of the replayed data, else one minute."""
    manifest = settings.MTQ_REPLAY_DIR / "manifest.json"
    if settings.MTQ_WORLD != "sim" or not manifest.exists():
        return Timeframe.M1
    return Timeframe.from_minutes(json.loads(manifest.read_text())["timeframe_minutes"])


def _view(row: BrokerConnection) -> ConnectionView:
    return ConnectionView(
        slug=row.slug,
        account=row.account_id,
        venue=row.venue,
        environment=row.environment,
        state=Health(row.state),
        accepts_orders=row.accepts_orders,
        quiet_period_s=int(row.capabilities.get("quiet_period_s", DEFAULT_QUIET_PERIOD_S)),
        amend=frozenset(row.capabilities.get("amend", ())),
    )
