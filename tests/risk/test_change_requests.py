"""Two people and one change: what each may do, when, and what the database refuses by itself."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from apps.portfolio import audit, books, locks
from apps.risk import alerts, breakers, changes, review
from apps.risk.domain.breaker import BreakerLevel
from apps.risk.domain.change import Change, ChangeKind
from apps.risk.domain.limits import Metric, Unit
from apps.risk.domain.overrides import override_hash
from apps.risk.errors import (
    AlreadyProposed,
    BadReason,
    Busy,
    NotAPerson,
    NotOpen,
    Outdated,
    UnknownChange,
    WrongPerson,
)
from apps.risk.models import ChangeRequest, InstrumentClass, InstrumentPermission, RiskLimit
from tests.risk.desk import ACCOUNT, Desk, at_once

SCOPE = f"account:{ACCOUNT}"
MAKER, APPROVER = "user:1 (risk)", "user:2 (risk_approver)"
MORE = {"scope": SCOPE, "metric": "order_size", "hard": "6", "unit": "lots"}


def proposed(kind: ChangeKind = ChangeKind.LIMIT, /, **payload: Any) -> Change:
    return changes.propose(kind=kind, payload=payload or MORE, reason="more is needed", by=MAKER)


def approved(change: Change, by: str = APPROVER) -> Change:
    return changes.approve(change.id, by=by, reason="agreed")


def in_force() -> int:
    row = RiskLimit.objects.get(scope=SCOPE, metric="order_size", instrument="", ended_at__isnull=True)
    return int(row.hard)


def overdue(change: Change) -> None:
    """Let a request have been made a day earlier than it was, as no door could."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE risk_changerequest DISABLE TRIGGER risk_change_guarded")
        cursor.execute(
            "UPDATE risk_changerequest SET created_at = created_at - interval '1 day',"
            " expires_at = expires_at - interval '1 day' WHERE id = %s",
            [change.id],
        )
        cursor.execute("ALTER TABLE risk_changerequest ENABLE TRIGGER risk_change_guarded")


def test_nothing_changes_before_a_second_person_agrees(desk: Desk) -> None:
    change = proposed()
    before = in_force()
    done = approved(change)
    assert (before, in_force()) == (5, 6)
    assert (done.maker, done.decided_by, done.state.value) == ("user:1", "user:2", "approved")
    kept = changes.find(change.id)
    assert (kept.applied_at, kept.decision_reason) == (done.applied_at, "agreed")
    assert audit.verify(ACCOUNT) is None


@pytest.mark.parametrize("act", [changes.approve, changes.reject])
def test_whoever_made_it_does_not_decide_under_any_name(desk: Desk, act: Callable[..., Change]) -> None:
    change = proposed()
    for name in (MAKER, "user:1", "user:1 (risk_approver)"):
        with pytest.raises(WrongPerson):
            act(change.id, by=name, reason="fine with me")
    assert changes.find(change.id).state == "open"


def test_only_whoever_made_it_withdraws_it(desk: Desk) -> None:
    change = proposed()
    with pytest.raises(WrongPerson):
        changes.withdraw(change.id, by=APPROVER, reason="not wanted")
    assert changes.withdraw(change.id, by=MAKER, reason="not needed").state == "withdrawn"


@pytest.mark.parametrize("end", ["approve", "reject", "withdraw", "expire"])
@pytest.mark.parametrize("act", [changes.approve, changes.reject, changes.withdraw])
def test_what_is_decided_stays_decided(desk: Desk, end: str, act: Callable[..., Change]) -> None:
    change = proposed()
    if end == "expire":
        overdue(change)
        changes.look_after()
    else:
        by = MAKER if end == "withdraw" else APPROVER
        getattr(changes, end)(change.id, by=by, reason="decided")
    before, by = in_force(), MAKER if act is changes.withdraw else APPROVER
    with pytest.raises(NotOpen):
        act(change.id, by=by, reason="once more")
    assert in_force() == before


def test_a_request_expires_by_itself(desk: Desk) -> None:
    change = proposed()
    overdue(change)
    with pytest.raises(NotOpen):
        approved(change)
    assert changes.look_after() == 1
    found = changes.find(change.id)
    assert (found.state.value, found.decided_by, in_force()) == ("expired", "desk", 5)


def test_an_overdue_request_is_not_in_the_way_of_a_new_one(desk: Desk) -> None:
    first = proposed()
    overdue(first)
    second = proposed()
    assert (changes.find(first.id).state, changes.find(second.id).state) == ("expired", "open")


def test_one_request_waits_for_each_subject(desk: Desk) -> None:
    change = proposed()
    with pytest.raises(AlreadyProposed):
        proposed()
    changes.reject(change.id, by=APPROVER, reason="too much")
    assert proposed().id > change.id


def test_what_changed_meanwhile_is_looked_at_again(desk: Desk) -> None:
    change = proposed()
    desk.limit(SCOPE, Metric.ORDER_SIZE, "3")
    with pytest.raises(Outdated):
        approved(change)
    assert (changes.find(change.id).state.value, in_force()) == ("open", 3)


def test_the_hash_of_what_was_seen_binds(desk: Desk) -> None:
    change = proposed()
    with pytest.raises(Outdated):
        changes.approve(change.id, by=APPROVER, reason="agreed", payload_hash="0" * 64)
    assert changes.approve(
        change.id, by=APPROVER, reason="agreed", payload_hash=change.payload_hash
    ).applied_at


def test_a_payload_that_is_not_what_its_hash_names_is_not_applied(desk: Desk) -> None:
    change = proposed()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE risk_changerequest DISABLE TRIGGER risk_change_guarded")
        cursor.execute(
            "UPDATE risk_changerequest SET payload = jsonb_set(payload, '{hard}', '\"600\"') WHERE id = %s",
            [change.id],
        )
        cursor.execute("ALTER TABLE risk_changerequest ENABLE TRIGGER risk_change_guarded")
    with pytest.raises(Outdated):
        approved(change)
    assert in_force() == 5


def test_people_and_reasons_are_wanted(desk: Desk) -> None:
    change = proposed()
    for by, reason, refusal in (
        ("agent:trend", "agreed", NotAPerson),
        ("desk", "agreed", NotAPerson),
        (APPROVER, "  ", BadReason),
    ):
        with pytest.raises(refusal):
            changes.approve(change.id, by=by, reason=reason)
    with pytest.raises(UnknownChange):
        changes.approve(change.id + 1, by=APPROVER, reason="agreed")


def test_of_two_who_decide_at_once_one_does(desk: Desk) -> None:
    change = proposed()

    def attempt(by: str) -> bool:
        try:
            changes.approve(change.id, by=by, reason="agreed")
        except NotOpen:
            return False
        return True

    assert sorted(at_once([partial(attempt, f"user:{number}") for number in (2, 3, 4)])) == [
        False, False, True,
    ]  # fmt: skip
    assert RiskLimit.objects.filter(scope=SCOPE, metric="order_size").count() == 2


def test_whoever_holds_the_account_has_its_chain_alone(desk: Desk) -> None:
    change = proposed()
    overdue(change)
    said = {"by": MAKER, "reason": "not now"}

    def busy(act: Callable[[], object]) -> None:
        with pytest.raises(Busy):
            act()

    acts = (
        partial(changes.reject, change.id, by=APPROVER, reason="no"),
        partial(changes.withdraw, change.id, **said),
        partial(changes.propose, kind=ChangeKind.LIMIT, payload=MORE, **said),
    )
    with transaction.atomic():
        locks.lock_account(ACCOUNT, exit=True)
        calls: list[Callable[[], object]] = [*(partial(busy, act) for act in acts), changes.look_after]
        done = at_once(calls)
    assert (done[-1], changes.look_after(), audit.verify(ACCOUNT)) == (0, 1, None)


def test_a_limit_that_ends_leaves_orders_denied_for_want_of_one(desk: Desk) -> None:
    which = {"scope": SCOPE, "metric": "order_size"}
    approved(proposed(ChangeKind.LIMIT_END, **which))
    assert not RiskLimit.objects.filter(**which, ended_at__isnull=True).exists()
    assert "no_limit" in desk.reasons("0.5")


def test_a_pack_is_changed_by_two_people(desk: Desk) -> None:
    change = proposed(ChangeKind.PACK, account=ACCOUNT, pack="esma_retail")
    before, epoch = books.account(ACCOUNT).pack, breakers.state(SCOPE).epoch
    approved(change)
    assert (before, books.account(ACCOUNT).pack) == ("professional", "esma_retail")
    assert breakers.state(SCOPE).epoch > epoch


def test_a_class_is_a_version_of_its_own(desk: Desk) -> None:
    for kind in ("fx_minor", "fx_major"):
        approved(proposed(ChangeKind.CLASS, instrument="EURUSD", kind=kind))
    rows = InstrumentClass.objects.filter(instrument="EURUSD").order_by("version")
    assert [(row.kind, row.version, row.ended_at is None) for row in rows] == [
        ("fx_minor", 1, False),
        ("fx_major", 2, True),
    ]


def test_a_permission_is_given_by_two_people_and_taken_by_one(desk: Desk) -> None:
    changes.withdraw_permission(source="*", instrument="*", reason="nobody trades", by=MAKER)
    approved(proposed(ChangeKind.PERMISSION, source="agent:trend", instrument="EUR*"))
    row = InstrumentPermission.objects.get(ended_at__isnull=True)
    assert (row.source, row.instrument, row.changed_by) == ("agent:trend", "EUR*", "user:1, user:2")


def test_an_override_lives_a_quarter_of_an_hour_from_its_approval(desk: Desk) -> None:
    order = desk.request("0.5")
    change = proposed(
        ChangeKind.OVERRIDE,
        check="collar", wider="0.05", account=ACCOUNT, source=order.source, instrument=order.instrument,
        order_hash=override_hash(order),
    )  # fmt: skip
    done = approved(change)
    assert done.decided_at is not None
    assert abs(done.expires_at - done.decided_at - timedelta(minutes=15)) < timedelta(seconds=5)
    rows = ChangeRequest.objects.filter(pk=change.id)
    assert rows.update(used_by="mtq1") == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(used_by="mtq2")


def test_an_override_is_made_of_the_order_that_was_denied(desk: Desk) -> None:
    order = desk.request("9", source="user:7")
    verdict = review.permit(order)
    assert verdict.order is not None
    change = proposed(ChangeKind.OVERRIDE, check="throttle", order=verdict.order.client_order_id)
    assert change.payload["order_hash"] == override_hash(order)


def test_each_request_that_waits_is_an_alert_until_it_is_decided(desk: Desk) -> None:
    change = proposed()
    changes.look_after()
    changes.look_after()
    (alert,) = alerts.open_alerts({SCOPE})
    assert (alert.rule, alert.count) == ("approval", 1)
    changes.reject(change.id, by=APPROVER, reason="too much")
    changes.look_after()
    assert alerts.open_alerts() == []


def test_a_reset_is_outdated_when_the_breaker_moved(desk: Desk) -> None:
    breakers.trip(scope=SCOPE, level=BreakerLevel.HALTED, cause="drill", by="user:1")
    change = proposed(ChangeKind.BREAKER_RESET, scope=SCOPE)
    approved(change)
    breakers.trip(scope=SCOPE, level=BreakerLevel.HALTED, cause="again", by="user:1")
    second = proposed(ChangeKind.BREAKER_RESET, scope=SCOPE)
    with pytest.raises(NotOpen):
        approved(change)
    assert approved(second).state == "approved"
    assert breakers.state(SCOPE).level is BreakerLevel.NORMAL


def test_an_order_of_the_old_size_passes_only_after_approval(desk: Desk) -> None:
    for scope in (SCOPE, "source:*"):
        changes.set_limit(
            scope=scope, metric=Metric.ORDER_SIZE, hard=Decimal("0.4"), unit=Unit.LOTS, reason="r", by=MAKER
        )
    wanted = {"scope": SCOPE, "metric": "order_size", "hard": "1", "unit": "lots"}
    change = proposed(**wanted)
    approved(proposed(**(wanted | {"scope": "source:*"})))
    assert "order_size" in desk.reasons("0.5")
    approved(change)
    assert desk.reasons("0.5") == set()


BY = "decided_at=now(), decision_reason='x', decided_by="
DONE = "state='approved', applied_at=now(), " + BY
SQL = {
    "approved by its maker": f"{DONE}maker",
    "approved by the desk": f"{DONE}'desk'",
    "approved under another name of its maker": f"{DONE}'user:1 (b)'",
    "approved and not applied": f"state='approved', {BY}'user:2'",
    "approved without a reason": "state='approved', decided_by='user:2', decided_at=now(), applied_at=now()",
    "rejected by its maker": f"state='rejected', {BY}maker",
    "withdrawn by another": f"state='withdrawn', {BY}'user:2'",
    "no state at all": f"state='maybe', {BY}'user:2'",
    "another payload": "payload='{}'",
    "another payload as it is approved": f"payload='{{}}', {DONE}'user:2'",
    "another maker as it is approved": f"maker='user:3', {DONE}'user:1'",
    "more time": "expires_at=expires_at + interval '1 day'",
    "more time as it is approved": f"expires_at=expires_at + interval '1 day', {DONE}'user:2'",
    "used though it is no override": f"used_by='mtq1', {DONE}'user:2'",
}


@pytest.mark.parametrize("change", SQL.values(), ids=SQL)
def test_the_database_refuses(desk: Desk, change: str) -> None:
    made = proposed()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE risk_changerequest SET {change} WHERE id = %s", [made.id])
    assert changes.find(made.id) == made


@pytest.mark.parametrize(
    "change", ["state='open'", "decision_reason='y'", "decided_by='user:3'", "used_by='mtq1'", "before='{}'"]
)
def test_the_database_refuses_any_change_of_what_is_decided(desk: Desk, change: str) -> None:
    made = approved(proposed())
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE risk_changerequest SET {change} WHERE id = %s", [made.id])


def test_the_database_refuses_what_is_decided_from_the_start_and_forgets_nothing(desk: Desk) -> None:
    made = proposed()
    with pytest.raises(DatabaseError), transaction.atomic():
        ChangeRequest.objects.filter(pk=made.id).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        ChangeRequest.objects.create(
            kind="class", scope="desk", subject="x", payload={}, payload_hash="0" * 64, maker="user:1",
            reason="r", state="approved", decided_by="user:2", decided_at=timezone.now(),
            decision_reason="x", applied_at=timezone.now(), expires_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip


def test_the_database_refuses_a_second_open_request_on_a_subject(desk: Desk) -> None:
    made = proposed()
    with pytest.raises(DatabaseError), transaction.atomic():
        ChangeRequest.objects.create(
            kind="limit", scope=SCOPE, subject=made.subject, payload={}, payload_hash="0" * 64,
            maker="user:9", reason="r", expires_at=timezone.now() + timedelta(days=1),
        )  # fmt: skip
