"""What a session says of itself, kept as rows; and the connection that a paper desk begins with."""

import logging
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.broadcast import bell
from apps.brokers.domain.health import Health, Pulse, judge
from apps.brokers.models import BrokerConnection, Role

logger = logging.getLogger(__name__)


def record_state(
    slug: str, *, role: str, pulse: Pulse, capabilities: Mapping[str, Any] | None = None
) -> Health:
    """Write a session's health to its connection, and a check row where it changed."""
    health, reason = judge(pulse)
    with transaction.atomic():
        row = BrokerConnection.objects.select_for_update().get(slug=slug)
        last = row.checks.filter(role=role).first()
        changed = last is None or last.state != health
        if changed:
            row.checks.create(role=role, state=health, detail=reason, latency_ms=pulse.latency_ms)
            logger.log(
                logging.INFO if health is Health.UP else logging.WARNING,
                "%s (%s) is %s%s", slug, role, health, f": {reason}" if reason else "",
            )  # fmt: skip
        if role == Role.ORDERS:
            _update_row(row, pulse, health, reason)
        if capabilities is not None:
            row.capabilities = dict(capabilities)
        row.save()
        if changed:
            bell.after_commit("connection", slug)
    return health


def _update_row(row: BrokerConnection, pulse: Pulse, health: Health, reason: str) -> None:
    if row.state != health or row.state_since_at is None:
        row.state, row.state_since_at = health.value, timezone.now()
    if pulse.latency_ms is not None:
        row.latency_ms = round(pulse.latency_ms, 1)
    if reason:
        row.last_error = reason


def seed_paper_connection(*, account_slug: str, url: str, login: int, slug: str = "paper-mt5") -> None:
    """Make the connection to the simulated venue, or move it to the venue's present address."""
    BrokerConnection.objects.update_or_create(
        slug=slug,
        defaults={"url": url},
        create_defaults={"url": url, "account_id": account_slug, "settings": {"login": login}},
    )
