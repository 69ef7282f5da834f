"""A host whose clock is off: what it puts in force counts from the database's time, at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import time_machine
from django.utils import timezone

from apps.portfolio import ledger
from apps.risk import changes, margins, overview, review
from apps.risk.breakers import reading
from apps.risk.domain.limits import Metric, Unit
from apps.risk.models import RiskLimit
from tests.risk.desk import ACCOUNT, Desk

SCOPE = f"account:{ACCOUNT}"
HOUR = timedelta(hours=1)


@contextmanager
def off(by: timedelta) -> Iterator[None]:
    """Let this machine's wall clock be off against the database's."""
    with time_machine.travel(datetime.now(UTC) + by):
        yield


def test_a_fast_host_tightens_at_once(desk: Desk) -> None:
    with off(HOUR):
        desk.limit(SCOPE, Metric.ORDER_SIZE, "2")
    assert "order_size" in desk.reasons("3", source="user:7")


def test_a_fast_host_sizes_at_once(desk: Desk) -> None:
    before = review.preview(desk.request("1")).sizing["quantity"]
    with off(HOUR):
        changes.set_sizing(source="agent:*", risk_fraction=Decimal("0.0001"), reason="less", by="user:1")
    assert Decimal(review.preview(desk.request("1")).sizing["quantity"]) < Decimal(before)


def test_a_fast_host_permits_at_once(desk: Desk) -> None:
    with off(HOUR):
        changes.permit_instrument(source="agent:*", instrument="EURUSD", reason="narrower", by="user:1")
    changes.withdraw_permission(source="*", instrument="*", reason="too wide", by="user:1")
    assert desk.reasons() == set()


def test_a_fast_host_seeds_limits_that_count_at_once(desk: Desk) -> None:
    ledger.open_account(slug="paper-2", currency="USD", leverage=Decimal(30))
    with off(HOUR):
        changes.seed_paper_limits("paper-2")
    late = RiskLimit.objects.filter(scope="account:paper-2", effective_from__gt=timezone.now())
    assert not late.exists()


def test_a_slow_host_sees_what_is_in_force(desk: Desk) -> None:
    changes.seed_classes(["EURUSD"])
    changes.set_limit(
        scope=SCOPE, metric=Metric.LOSS_WARNING, hard=Decimal("0.01"), unit=Unit.SHARE, reason="early",
        by="user:1",
    )  # fmt: skip
    with off(-HOUR):
        assert margins.classes() == {"EURUSD": "fx_major"}
        assert min(step.share for step in reading.thresholds(SCOPE)) == Decimal("0.01")
        assert overview.headroom(lambda scope: scope == SCOPE)
