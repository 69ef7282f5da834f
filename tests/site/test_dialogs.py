"""Actions ask why, some ask for the password, and each calls one door."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.agents.models import Agent
from apps.risk import changes
from apps.risk.models import (
    BreakerEvent,
    BreakerState,
    ChangeRequest,
    InstrumentPermission,
    RestrictedInstrument,
    RiskLimit,
)
from tests.site import rows
from tests.site.conftest import PASSWORD

D = Decimal
REASON = "the spread is far too wide tonight"


def _post(browser: Client, name: str, pk: int | None, **fields: str) -> tuple[bool, str]:
    """Send a dialog; tell whether it was carried out, and what came back."""
    page = reverse(f"admin:{name}", args=() if pk is None else (pk,))
    answer = browser.post(page, {"_form_submitted": "True", **fields}, headers={"HX-Request": "true"})
    return answer.has_header("HX-Redirect"), answer.content.decode()


@pytest.fixture
def tripped(desk: rows.Desk, sign_in: Callable[[str], Client]) -> BreakerState:
    done, _ = _post(sign_in("trader"), "risk_breakerstate_trip", desk.breaker.pk, level="3", reason=REASON)
    assert done
    desk.breaker.refresh_from_db()
    return desk.breaker


def test_a_trip_raises_the_level_and_keeps_who_and_why(tripped: BreakerState) -> None:
    event = BreakerEvent.objects.filter(scope=tripped.scope).first()
    assert tripped.level == 3
    assert event is not None
    assert event.cause == REASON
    assert "(trader)" in event.by


def test_a_trip_without_a_reason_is_asked_again(desk: rows.Desk, sign_in: Callable[[str], Client]) -> None:
    done, page = _post(sign_in("risk"), "risk_breakerstate_trip", desk.breaker.pk, level="3", reason="  ")
    desk.breaker.refresh_from_db()
    assert not done
    assert "This field is required" in page
    assert desk.breaker.level == 0


def test_a_reset_without_the_password_is_refused(
    tripped: BreakerState, sign_in: Callable[[str], Client]
) -> None:
    done, page = _post(sign_in("risk"), "risk_breakerstate_reset", tripped.pk, reason=REASON)
    tripped.refresh_from_db()
    assert not done
    assert "Your password" in page
    assert tripped.level == 3


def test_a_reset_with_a_wrong_password_is_refused(
    tripped: BreakerState, sign_in: Callable[[str], Client]
) -> None:
    done, page = _post(
        sign_in("risk"), "risk_breakerstate_reset", tripped.pk, reason=REASON, password="not it at all"
    )
    assert not done
    assert "This is not your password" in page


def test_a_reset_of_a_halt_waits_for_a_second_person_who_approves_it(
    tripped: BreakerState, sign_in: Callable[[str], Client], valkey: str
) -> None:
    _post(sign_in("risk"), "risk_breakerstate_reset", tripped.pk, reason=REASON, password=PASSWORD)
    tripped.refresh_from_db()
    waiting = ChangeRequest.objects.latest("id")
    assert (tripped.level, waiting.kind, waiting.state) == (3, "breaker_reset", "open")
    approver = sign_in("risk_approver")
    _post(approver, "risk_changerequest_approve", waiting.pk, reason=REASON, password=PASSWORD)
    tripped.refresh_from_db()
    assert tripped.level == 0


def test_a_reset_by_the_risk_role_with_reason_and_password_leads_back_to_normal(
    desk: rows.Desk, sign_in: Callable[[str], Client]
) -> None:
    scope = BreakerState.objects.get(scope="agent:eurusd-ma-cross")
    _post(sign_in("trader"), "risk_breakerstate_trip", scope.pk, level="2", reason=REASON)
    done, _ = _post(sign_in("risk"), "risk_breakerstate_reset", scope.pk, reason=REASON, password=PASSWORD)
    scope.refresh_from_db()
    assert done
    assert scope.level == 0


def test_who_makes_agents_does_not_resume_one_that_repeated_itself(
    desk: rows.Desk, sign_in: Callable[[str], Client], cast: dict[str, User]
) -> None:
    scope = BreakerState.objects.filter(scope="agent:eurusd-ma-cross")
    scope.update(level=2, cause="repeat: 11 entries in 60 s")
    page = reverse("admin:risk_breakerstate_reset", args=(scope.get().pk,))
    before = sign_in("risk").get(page).status_code
    cast["risk"].groups.add(Group.objects.get(name="quant"))
    assert (before, sign_in("risk").get(page).status_code) == (200, 403)


def test_a_password_typed_a_moment_ago_is_not_asked_for_again(
    tripped: BreakerState, cast: dict[str, object], client: Client
) -> None:
    client.post(reverse("admin:login"), {"username": "risk", "password": PASSWORD})
    page = client.get(reverse("admin:risk_breakerstate_reset", args=(tripped.pk,)))
    assert "Your password" not in page.content.decode()


def test_a_password_of_six_minutes_ago_is_asked_for_again(
    tripped: BreakerState, cast: dict[str, object], client: Client
) -> None:
    client.post(reverse("admin:login"), {"username": "risk", "password": PASSWORD})
    session = client.session
    session["reauthenticated_at"] -= 360
    session.save()
    page = client.get(reverse("admin:risk_breakerstate_reset", args=(tripped.pk,)))
    assert "Your password" in page.content.decode()


def test_an_agent_is_paused_and_resumed_with_a_reason(
    desk: rows.Desk, sign_in: Callable[[str], Client]
) -> None:
    _post(sign_in("trader"), "agents_agent_pause", desk.agent.pk, reason=REASON)
    paused = Agent.objects.get(pk=desk.agent.pk)
    _post(sign_in("quant"), "agents_agent_resume", desk.agent.pk, reason=REASON)
    assert (paused.state, Agent.objects.get(pk=desk.agent.pk).state) == ("paused", "active")
    assert REASON in paused.state_reason


def _in_force(desk: rows.Desk) -> Decimal:
    row = RiskLimit.objects.get(scope=desk.limit.scope, metric=desk.limit.metric, ended_at__isnull=True)
    return Decimal(row.hard)


def test_a_tighter_limit_is_in_force_at_once(desk: rows.Desk, sign_in: Callable[[str], Client]) -> None:
    done, _ = _post(
        sign_in("admin"), "risk_risklimit_tighten", desk.limit.pk, hard="9", soft="8", reason=REASON
    )
    assert done
    assert _in_force(desk) == 9


def test_the_longest_name_tightens_as_well_as_any(
    desk: rows.Desk, sign_in: Callable[[str], Client], cast: dict[str, User]
) -> None:
    cast["admin"].username = "n" * 150
    cast["admin"].save()
    _post(sign_in("admin"), "risk_risklimit_tighten", desk.limit.pk, hard="9", soft="8", reason=REASON)
    assert _in_force(desk) == 9


def test_tightening_cannot_loosen(desk: rows.Desk, sign_in: Callable[[str], Client]) -> None:
    done, page = _post(
        sign_in("admin"), "risk_risklimit_tighten", desk.limit.pk, hard="14", soft="", reason=REASON
    )
    assert not done
    assert "do not tighten" in page
    assert _in_force(desk) == 15


def test_a_looser_limit_waits_for_a_second_person(desk: rows.Desk, sign_in: Callable[[str], Client]) -> None:
    changes.reject(desk.change.pk, by="user:999998", reason="one at a time")
    done, _ = _post(
        sign_in("risk"), "risk_risklimit_propose", desk.limit.pk, hard="20", soft="12", reason=REASON
    )
    waiting = ChangeRequest.objects.latest("id")
    assert done
    assert (waiting.state, waiting.payload["hard"], _in_force(desk)) == ("open", "20", D(15))


def test_approving_needs_the_password(desk: rows.Desk, sign_in: Callable[[str], Client]) -> None:
    browser, page = sign_in("risk_approver"), "risk_changerequest_approve"
    without, _ = _post(browser, page, desk.change.pk, reason=REASON)
    before = _in_force(desk)
    with_it, _ = _post(browser, page, desk.change.pk, password=PASSWORD, reason=REASON)
    assert (without, with_it) == (False, True)
    assert (before, _in_force(desk)) == (D(15), D(20))


def test_the_page_of_approvals_shows_what_would_change_and_what_is_mine_to_decide(
    desk: rows.Desk, sign_in: Callable[[str], Client]
) -> None:
    page = reverse("admin:risk_changerequest_changelist")
    shown = sign_in("risk_approver").get(page, {"mine": "yes"})
    assert "hard 15 → 20 (equity)" in shown.content.decode()
    assert len(shown.context["cl"].result_list) == 3
    assert len(sign_in("risk").get(page, {"mine": "yes"}).context["cl"].result_list) == 0


def test_only_its_maker_withdraws_a_request(desk: rows.Desk, sign_in: Callable[[str], Client]) -> None:
    browser = sign_in("risk")
    _post(browser, "risk_restrictedinstrument_propose_end", desk.restricted.pk, reason=REASON)
    page = reverse("admin:risk_changerequest_withdraw", args=(desk.change.pk,))
    assert browser.get(page).status_code == 403
    _post(browser, "risk_risklimit_propose_end", desk.limit.pk, reason=REASON)
    own = ChangeRequest.objects.latest("id")
    done, _ = _post(browser, "risk_changerequest_withdraw", own.pk, reason=REASON)
    own.refresh_from_db()
    assert (done, own.kind, own.state) == (True, "limit_end", "withdrawn")


def test_whoever_made_a_request_is_not_offered_to_approve_it(
    desk: rows.Desk, sign_in: Callable[[str], Client]
) -> None:
    browser = sign_in("risk_approver")
    _post(browser, "risk_risklimit_propose_end", desk.limit.pk, reason=REASON)
    own = ChangeRequest.objects.latest("id")
    assert browser.get(reverse("admin:risk_changerequest_approve", args=(own.pk,))).status_code == 403


def test_an_instrument_is_restricted_and_a_permission_withdrawn_at_once(
    desk: rows.Desk, sign_in: Callable[[str], Client]
) -> None:
    browser = sign_in("admin")
    _post(browser, "risk_restrictedinstrument_restrict", None, instrument="EURUSD", reason=REASON)
    _post(browser, "risk_instrumentpermission_withdraw", desk.permission.pk, reason=REASON)
    assert RestrictedInstrument.objects.filter(instrument="EURUSD", ended_at__isnull=True).exists()
    assert not InstrumentPermission.objects.filter(ended_at__isnull=True).exists()


def test_a_permission_is_proposed_where_nothing_wider_covers_it(
    desk: rows.Desk, sign_in: Callable[[str], Client]
) -> None:
    browser, page = sign_in("risk"), "risk_instrumentpermission_permit"
    asked = {"source": desk.agent.source, "instrument": "EURUSD", "reason": REASON}
    _post(browser, page, None, **asked)
    covered = InstrumentPermission.objects.filter(source=desk.agent.source).exists()
    InstrumentPermission.objects.update(ended_at=timezone.now())
    _post(browser, page, None, **asked)
    assert (covered, ChangeRequest.objects.latest("id").subject) == (True, f"{desk.agent.source}:EURUSD")


def test_a_limit_is_added_beside_the_others(desk: rows.Desk, sign_in: Callable[[str], Client]) -> None:
    fields = {"scope": "desk", "metric": "net", "currency": "JPY", "hard": "2", "unit": "equity"}
    done, _ = _post(sign_in("risk"), "risk_risklimit_add_limit", None, **fields, reason=REASON)
    assert done
    assert RiskLimit.objects.get(scope="desk", currency="JPY").hard == 2


def test_an_alert_is_acknowledged_under_ones_name(desk: rows.Desk, sign_in: Callable[[str], Client]) -> None:
    _post(sign_in("quant"), "risk_alert_acknowledge", desk.alert.pk)
    desk.alert.refresh_from_db()
    assert desk.alert.closed_at is not None
    assert "(quant)" in desk.alert.closed_by
