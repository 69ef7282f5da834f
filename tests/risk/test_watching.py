from datetime import timedelta

from django.utils import timezone

from apps.marketdata import clock, history, ingestion
from apps.marketdata.domain.bar import Timeframe
from apps.marketdata.stores.valkey import Closed
from apps.portfolio import ledger
from apps.portfolio.models import Order, ScopeShare
from apps.risk import alerts, margins, watching
from tests.risk.desk import ACCOUNT, Desk


def open_rules() -> dict[str, str]:
    return {alert.key: alert.rule for alert in alerts.open_alerts()}


def test_a_stale_feed_is_an_alert_until_it_is_fresh(desk: Desk) -> None:
    watching.watch()
    assert open_rules() == {"stale:EURGBP": "stale_feed"}
    desk.quote("EURGBP", "0.86", "0.8601")
    watching.watch()
    assert open_rules() == {}


def test_bars_that_stop_while_quotes_go_on_are_an_alert_until_they_come(desk: Desk) -> None:
    desk.quote("EURGBP", "0.86", "0.8601")
    now = clock.desk_now()
    for late, expected in ((timedelta(minutes=5), {"late:EURUSD:1m": "late_bars"}), (timedelta(0), {})):
        closed = Closed(closed_at=now - late, announced_at=now, native=False)
        history.watermarks().advance(Timeframe.M1, {"EURUSD": closed})
        watching.watch()
        assert open_rules() == expected


def test_a_feed_fault_is_reported_once(desk: Desk) -> None:
    desk.quote("EURGBP", "0.86", "0.8601")
    ingestion.record_fault(instrument="EURUSD", kind="crossed", detail="bid above ask")
    watching.watch()
    watching.watch()
    (alert,) = alerts.open_alerts()
    assert (alert.rule, alert.count) == ("feed_fault", 1)


def test_an_order_in_doubt_is_an_alert_after_five_seconds(desk: Desk) -> None:
    desk.quote("EURGBP", "0.86", "0.8601")
    desk.ask("1")
    order = ledger.claim(owner="test", fence=1, lease_s=5)
    assert order is not None
    ledger.mark_unknown(order_id=order.client_order_id, detail="no answer")
    watching.watch()
    assert open_rules() == {}
    Order.objects.update(unknown_at=timezone.now() - timedelta(seconds=6))
    watching.watch()
    assert open_rules() == {f"doubt:{order.client_order_id}": "doubt"}


def test_an_account_that_the_desk_counts_at_old_prices_is_an_alert(desk: Desk) -> None:
    desk.quote("EURGBP", "0.86", "0.8601")
    ledger.rebase_all(margins.specs_of)
    for minutes, expected in ((2, {f"figures:{ACCOUNT}": "old_figures"}), (0, {})):
        ScopeShare.objects.update(rebased_at=timezone.now() - timedelta(minutes=minutes))
        watching.watch()
        assert open_rules() == expected


def test_alerts_count_up_while_they_are_open_and_begin_anew_after(desk: Desk) -> None:
    for _ in range(3):
        alerts.raise_alert(level="info", rule="test", scope="desk", text="again", key="k")
    assert [alert.count for alert in alerts.open_alerts()] == [3]
    assert alerts.close_alert(key="k")
    assert not alerts.close_alert(key="k")
    alerts.raise_alert(level="info", rule="test", scope="desk", text="again", key="k")
    assert [alert.count for alert in alerts.open_alerts()] == [1]
