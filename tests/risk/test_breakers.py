import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import transaction
from pytest_django import Settings

from apps.portfolio import audit, locks
from apps.portfolio.domain.order import Side
from apps.portfolio.models import AuditEntry
from apps.risk import alerts, breakers, changes
from apps.risk.breakers import BreakerView
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.change import Change, ChangeKind
from apps.risk.errors import BadReason, NeedsSecondPerson, UnknownEquity, UnknownScope
from apps.risk.models import BreakerEvent
from tests.portfolio.racing import deaf_store
from tests.risk.desk import ACCOUNT, Desk, at_once

SCOPE = f"account:{ACCOUNT}"
NORMAL, WARNING, REDUCING, HALTED = BreakerLevel


def lose(desk: Desk, share: str) -> BreakerLevel:
    """Move the market so far that five lots bought at 1.25 lose this share of 100,000."""
    bid = Decimal("1.25") - Decimal(share) * 100_000 / 500_000
    desk.quote("EURUSD", str(bid), str(bid + Decimal("0.00002")))
    return breakers.evaluate(ACCOUNT)


def proposed(scope: str) -> Change:
    return changes.propose(
        kind=ChangeKind.BREAKER_RESET,
        payload={"scope": scope},
        reason="positions were checked",
        by="user:1",
    )


def reset_by_two(scope: str) -> BreakerView:
    changes.approve(proposed(scope).id, by="user:2", reason="checked too")
    return breakers.state(scope)


@pytest.fixture
def long(desk: Desk) -> Desk:
    """The desk with five lots bought at 1.25, valued once."""
    breakers.evaluate(ACCOUNT)
    desk.hold("2.5")
    desk.hold("2.5")
    return desk


def test_losses_raise_the_level_step_by_step(long: Desk) -> None:
    assert [lose(long, share) for share in ("0.0499", "0.05", "0.10", "0.15")] == list(BreakerLevel)
    events = breakers.events_after(0)
    assert [(event.old_level, event.level) for event in events] == [
        (NORMAL, WARNING),
        (WARNING, REDUCING),
        (REDUCING, HALTED),
    ]
    assert breakers.state(SCOPE).epoch == 4


def test_one_shock_goes_straight_to_halted(long: Desk) -> None:
    assert lose(long, "0.15") is HALTED
    (event,) = breakers.events_after(0)
    assert (event.scope, event.kind, event.by) == (SCOPE, "raised", "desk")
    assert event.drawdown == Decimal("0.15")


def test_an_evaluation_that_changes_nothing_writes_no_event_and_keeps_the_epoch(long: Desk) -> None:
    before = breakers.state(SCOPE).epoch
    for _ in range(3):
        breakers.evaluate(ACCOUNT)
    assert (breakers.state(SCOPE).epoch, breakers.events_after(0)) == (before, [])


def test_a_warning_recovers_by_itself_and_a_halt_does_not(long: Desk) -> None:
    lose(long, "0.06")
    assert lose(long, "0.01") is NORMAL
    lose(long, "0.20")
    assert lose(long, "0") is HALTED


def test_old_marks_may_raise_a_level_and_never_lower_it(long: Desk, settings: Settings) -> None:
    lose(long, "0.06")
    set_back = timedelta(minutes=1)
    clock_file = json.loads(settings.MTQ_CLOCK_FILE.read_text())
    later = datetime.fromisoformat(clock_file["desk_at"]) + set_back
    settings.MTQ_CLOCK_FILE.write_text(
        json.dumps(clock_file | {"epoch": 2, "desk_at": later.strftime("%Y-%m-%dT%H:%M:%S.%fZ")})
    )
    long.quote("EURUSD", "1.25", "1.25002", age_s=20)
    assert breakers.evaluate(ACCOUNT) is WARNING
    long.quote("EURUSD", "1.22", "1.22002", age_s=19)
    assert breakers.evaluate(ACCOUNT) is HALTED


def test_a_deposit_is_no_gain_and_a_withdrawal_no_loss(long: Desk) -> None:
    lose(long, "0.06")
    long.deposit("500000")
    assert breakers.evaluate(ACCOUNT) is WARNING
    long.deposit("-520000")
    assert breakers.evaluate(ACCOUNT) is WARNING
    drawdown = breakers.state(SCOPE).drawdown
    assert abs(drawdown - Decimal("0.06")) < Decimal("0.0001")


def test_a_new_peak_moves_the_high_water_mark(long: Desk) -> None:
    lose(long, "-0.10")
    assert breakers.state(SCOPE).high_water_mark == 110_000
    assert lose(long, "0.045") is REDUCING  # 14,500 below the peak


def test_a_reset_needs_a_reason_and_counts_losses_anew(long: Desk) -> None:
    lose(long, "0.16")
    with pytest.raises(BadReason):
        breakers.reset(scope=SCOPE, reason=" ", by="user:1")
    view = reset_by_two(SCOPE)
    assert (view.level, view.epoch, view.high_water_mark) == (NORMAL, 3, Decimal(84_000))
    assert breakers.evaluate(ACCOUNT) is NORMAL
    event = BreakerEvent.objects.latest("id")
    assert (event.kind, event.by, event.cause) == ("reset", "user:1, user:2", "positions were checked")
    assert Decimal(event.detail["old_high_water_mark"]) == 100_000


def test_i11_while_quotes_are_waited_for_a_reset_holds_nobody_up(long: Desk, settings: Settings) -> None:
    lose(long, "0.16")
    asked = proposed(SCOPE)
    with ThreadPoolExecutor(1) as pool, deaf_store() as (settings.REDIS_URL, called):
        resetting = pool.submit(at_once, [partial(changes.approve, asked.id, by="user:2", reason="checked")])
        assert called.wait(10)
        with transaction.atomic():
            locks.lock_account(ACCOUNT)
    with pytest.raises(UnknownEquity):
        resetting.result()


def test_one_person_resets_what_is_not_halted(long: Desk) -> None:
    lose(long, "0.11")
    assert breakers.reset(scope=SCOPE, reason="checked", by="user:1").level is NORMAL


def test_one_person_does_not_leave_a_halt(long: Desk) -> None:
    lose(long, "0.16")
    with pytest.raises(NeedsSecondPerson):
        breakers.reset(scope=SCOPE, reason="checked", by="user:1")
    assert breakers.state(SCOPE).level is HALTED


def test_what_two_people_agreed_to_once_resets_no_later_halt(desk: Desk) -> None:
    breakers.trip(scope="desk", level=HALTED, cause="drill", by="user:1")
    asked = changes.propose(
        kind=ChangeKind.BREAKER_RESET, payload={"scope": "desk"}, reason="drill is over", by="user:1"
    )
    changes.approve(asked.id, by="user:2", reason="it is")
    breakers.trip(scope="desk", level=HALTED, cause="no drill", by="user:1")
    with pytest.raises(NeedsSecondPerson):
        breakers.reset(scope="desk", reason="again", by="user:1", approval=asked.id)


def test_without_a_fresh_price_a_reset_is_refused(long: Desk) -> None:
    lose(long, "0.16")
    long.quote("EURUSD", "1.2", "1.1")
    with pytest.raises(UnknownEquity):
        reset_by_two(SCOPE)
    assert breakers.state(SCOPE).level is HALTED


def test_a_trip_only_raises(desk: Desk) -> None:
    breakers.trip(scope="desk", level=HALTED, cause="drill", by="user:1")
    assert breakers.trip(scope="desk", level=WARNING, cause="drill", by="user:1").level is HALTED
    assert len(breakers.events_after(0)) == 1


def test_a_trip_wants_a_cause_and_a_scope_that_exists(desk: Desk) -> None:
    with pytest.raises(BadReason):
        breakers.trip(scope="desk", level=HALTED, cause="", by="user:1")
    with pytest.raises(UnknownScope):
        breakers.trip(scope="venue:x", level=HALTED, cause="drill", by="user:1")


def test_a_level_is_an_alert_until_it_is_normal_again(long: Desk) -> None:
    lose(long, "0.06")
    (alert,) = alerts.open_alerts()
    assert (alert.level, alert.rule) == ("warning", "breaker")
    lose(long, "0.11")
    assert [found.level for found in alerts.open_alerts()] == ["critical"]
    lose(long, "0")
    assert alerts.open_alerts() == []


def test_a_short_position_loses_when_the_price_rises(desk: Desk) -> None:
    breakers.evaluate(ACCOUNT)
    desk.hold("2.5", Side.SELL)
    desk.hold("2.5", Side.SELL)
    desk.quote("EURUSD", "1.26998", "1.27")
    assert breakers.evaluate(ACCOUNT) is REDUCING


def test_every_move_of_a_breaker_is_in_the_audit_chain_of_whom_it_concerns(desk: Desk) -> None:
    for scope, chain in (
        (f"account:{ACCOUNT}", f"account:{ACCOUNT}"),
        ("desk", "desk"),
        ("agent:trend", "desk"),
    ):
        breakers.trip(scope=scope, level=BreakerLevel.WARNING, cause="drill", by="user:1")
        entry = AuditEntry.objects.filter(chain=chain).first()
        assert entry is not None
        assert (entry.kind, entry.subject) == ("risk.breaker_tripped", scope)
        assert audit.verify_chain(chain) is None
