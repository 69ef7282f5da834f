"""Actions ask why, some ask for the password, and each calls one door."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from apps.agents.models import Agent
from apps.risk.models import BreakerEvent, BreakerState, RiskLimit
from tests.site import rows
from tests.site.conftest import PASSWORD

REASON = "the spread is far too wide tonight"


def _post(browser: Client, name: str, pk: int, **fields: str) -> tuple[bool, str]:
    """Send a dialog; tell whether it was carried out, and what came back."""
    page = reverse(f"admin:{name}", args=(pk,))
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


def test_the_dialog_says_that_a_second_person_comes_later(
    tripped: BreakerState, sign_in: Callable[[str], Client]
) -> None:
    page = sign_in("risk").get(reverse("admin:risk_breakerstate_reset", args=(tripped.pk,)))
    assert "a second person" in " ".join(page.content.decode().split())


def test_a_reset_by_the_risk_role_with_reason_and_password_leads_back_to_normal(
    desk: rows.Desk, sign_in: Callable[[str], Client]
) -> None:
    scope = BreakerState.objects.get(scope="agent:eurusd-ma-cross")
    _post(sign_in("trader"), "risk_breakerstate_trip", scope.pk, level="2", reason=REASON)
    done, _ = _post(sign_in("risk"), "risk_breakerstate_reset", scope.pk, reason=REASON, password=PASSWORD)
    scope.refresh_from_db()
    assert done
    assert scope.level == 0


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


def test_tightening_cannot_loosen(desk: rows.Desk, sign_in: Callable[[str], Client]) -> None:
    done, page = _post(
        sign_in("admin"), "risk_risklimit_tighten", desk.limit.pk, hard="14", soft="", reason=REASON
    )
    assert not done
    assert "do not tighten" in page
    assert _in_force(desk) == 15


def test_loosening_needs_the_password(desk: rows.Desk, sign_in: Callable[[str], Client]) -> None:
    browser, fields = sign_in("risk"), {"hard": "20", "soft": "12", "reason": REASON}
    without, _ = _post(browser, "risk_risklimit_loosen", desk.limit.pk, **fields)
    before = _in_force(desk)
    with_it, _ = _post(browser, "risk_risklimit_loosen", desk.limit.pk, password=PASSWORD, **fields)
    assert (without, with_it) == (False, True)
    assert (before, _in_force(desk)) == (Decimal(15), Decimal(20))


def test_an_alert_is_acknowledged_under_ones_name(desk: rows.Desk, sign_in: Callable[[str], Client]) -> None:
    _post(sign_in("quant"), "risk_alert_acknowledge", desk.alert.pk)
    desk.alert.refresh_from_db()
    assert desk.alert.closed_at is not None
    assert "(quant)" in desk.alert.closed_by
