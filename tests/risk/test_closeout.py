"""A retail account whose equity no longer carries its positions is told of once."""

import pytest

from apps.portfolio.models import Account
from apps.risk import alerts, breakers
from apps.risk.models import BreakerEvent, InstrumentClass
from tests.risk.desk import ACCOUNT, Desk

KINDS = ("margin_closeout", "margin_restored")


def told() -> list[str]:
    rows = BreakerEvent.objects.filter(scope=f"account:{ACCOUNT}", kind__in=KINDS)
    return list(rows.order_by("id").values_list("kind", flat=True))


def price(desk: Desk, bid: str, ask: str) -> None:
    desk.quote("EURUSD", bid, ask)
    breakers.evaluate(ACCOUNT)


@pytest.fixture
def long(desk: Desk) -> Desk:
    """The desk with five lots bought at 1.25: at 1:25 their margin is 25,000, half of it 12,500."""
    breakers.evaluate(ACCOUNT)
    desk.hold("2.5")
    desk.hold("2.5")
    InstrumentClass.objects.create(
        instrument="EURUSD", kind="fx_major", reason="major pair", changed_by="user:1"
    )
    return desk


def test_a_retail_account_is_told_once_while_it_lasts_and_when_it_is_over(long: Desk) -> None:
    Account.objects.filter(slug=ACCOUNT).update(pack="esma_retail")
    price(long, "1.0745", "1.0746")  # equity 12,250 against 10,745: no
    assert told() == []
    for _ in range(2):
        price(long, "1.0701", "1.0702")  # equity 10,050
    assert told() == ["margin_closeout"]
    assert [alert.rule for alert in alerts.open_alerts() if alert.rule == "margin_closeout"]
    price(long, "1.0748", "1.0749")  # above the threshold, not yet well above
    price(long, "1.10", "1.1001")
    assert told() == ["margin_closeout", "margin_restored"]


def test_a_professional_account_is_left_alone(long: Desk) -> None:
    price(long, "1.0701", "1.0702")
    assert told() == []
